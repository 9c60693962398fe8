"""What do people in the demonstration town write? Made-up reports and answers, by service."""

from __future__ import annotations

WEIGHTS = {
    "pothole": 20,
    "missed-pickup": 14,
    "street-light": 11,
    "tree": 9,
    "snow-ice": 9,
    "dumping": 7,
    "drain": 6,
    "sign": 5,
    "park": 5,
    "water-leak": 5,
    "sidewalk": 4,
    "noise": 4,
    "property": 3,
    "animal": 4,
    "sewer": 2,
    "other": 3,
}
"""How often a service is asked for, against the others."""

WINTER = frozenset({"snow-ice"})
SPRING = frozenset({"pothole", "drain"})

REPORTS = {
    "pothole": (
        "There is a deep hole in the right lane, just past the curve.",
        "The pothole by the mailboxes has opened up again after the rain.",
        "Two holes close together. Cars swerve into the other lane to miss them.",
        "The patch from last year has come out and the edge is sharp.",
    ),
    "missed-pickup": (
        "Our recycling was not picked up. The whole row of houses still has the bins out.",
        "The trash was left standing. It was out by seven in the morning.",
        "The compost bin was emptied, but the lid is broken now.",
    ),
    "street-light": (
        "The light has been out for a week and the crossing is very dark.",
        "The lamp flickers all night and shines into our bedroom.",
        "This light is on all day long.",
    ),
    "tree": (
        "A large branch hangs over the sidewalk and looks ready to fall.",
        "A tree came down in the storm and lies across the ditch.",
        "The hedge has grown so far out that you cannot see cars coming.",
    ),
    "snow-ice": (
        "The hill has not been plowed and the school bus could not get up.",
        "The corner is a sheet of ice in the morning.",
        "The plow left a bank across our driveway and took the mailbox with it.",
    ),
    "dumping": (
        "Somebody left a sofa and six bags by the turnout.",
        "There is a pile of old tires behind the guard rail.",
        "Paint cans were left beside the brook.",
    ),
    "drain": (
        "The storm drain is full of leaves and the street is under water.",
        "The grate is missing and there is a hole where it was.",
        "Water comes up out of the drain whenever it rains hard.",
    ),
    "sign": (
        "The stop sign is bent and cannot be seen from the side street.",
        "The street name sign is gone.",
        "The lines at the crossing have worn away.",
    ),
    "park": (
        "The swing on the left has a broken chain.",
        "The trash barrel by the field has been full for days.",
        "The restroom door does not lock.",
    ),
    "water-leak": (
        "Clear water is running down the street although it has not rained.",
        "We have had brown water since yesterday evening.",
    ),
    "sidewalk": (
        "A slab stands up by two inches and my neighbor fell over it.",
        "The sidewalk is broken, and a wheelchair cannot get past.",
    ),
    "noise": (
        "Loud music after midnight, for the third weekend.",
        "A generator runs all night behind the shops.",
    ),
    "property": (
        "The porch of the empty house is falling apart.",
        "The yard is full of scrap, and rats have been seen.",
    ),
    "animal": (
        "A brown dog without a collar has been walking along the road all day.",
        "The neighbor's sheep are on the road again.",
    ),
    "sewer": (
        "The manhole smells strongly of sewage, worst in the evening.",
        "Dirty water is coming up at the low end of the street.",
    ),
    "other": (
        "When will the town hall be open during the holiday week?",
        "The clock on the old school shows the wrong time.",
    ),
}

ANSWERS = (
    "Thank you for telling us. We have it on the list for this week.",
    "We have looked at it and will need a second crew. You will hear from us.",
    "Our crew was there this morning.",
    "Thank you. We have asked the contractor to come back.",
)

FIXED = (
    "This is done. Thank you for letting us know.",
    "The crew repaired it today.",
    "Cleared and checked.",
    "",
)

NO_ACTION = (
    "We looked at it. It is inside the limits we work to, so nothing will be done for now.",
    "This stands on private land, where the town may not act.",
)

RETURNED = "This part is not on our list. Please check with the town."
ACCEPTED = "We have it, and will get to it this month."
