"""What would a clerk write about the kinds of request in the finder's benchmark?

Chosen from the names of the kinds and common sense, as a clerk would before there is any history.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of request: its name in the data, and the words of a rules file for it."""

    code: str
    name: str
    description: str
    words: tuple[str, ...]


def _kind(code: str, name: str, description: str, words: str) -> Kind:
    return Kind(code, name, description, tuple(" ".join(words.split()).split(", ")))


KINDS = (
    _kind(
        "roadway-sidewalk",
        "Roadway or Sidewalk Issue",
        "Damage to a road, a sidewalk or a curb, or something that blocks them.",
        """
        road, roadway, street, sidewalk, curb, curbing, pavement, asphalt, paving, repave, repair,
        patch, crack, cracked, crumbling, uneven, bumpy, sunken, sinking, manhole, brick,
        cobblestone, trip hazard, tripping, debris in the road, standing water, flooded street,
        wheelchair ramp, utility cut, trench, blocked sidewalk
        """,
    ),
    _kind(
        "other",
        "Other",
        "Anything that fits nowhere else.",
        """
        noise, parking, parking meter, illegally parked, abandoned car, bicycle, shopping cart,
        wires, utility pole, cable, fence, rat, dog, animal, homeless, construction, building,
        permit, water leak, police, bus, question
        """,
    ),
    _kind(
        "sign-marking",
        "Traffic Sign/Pavement Marking Issue",
        "A sign, a traffic light or a line on the pavement that is missing, damaged, hidden or needed.",
        """
        sign, stop sign, street sign, one way sign, no parking sign, sign post, traffic light,
        traffic signal, crossing signal, pedestrian signal, speed limit, speeding, crosswalk,
        crosswalk paint, faded lines, painted, repaint, striping, pavement marking, arrow, yield,
        intersection, parking lines, turn lane
        """,
    ),
    _kind(
        "missed-trash",
        "Missed Trash or Bulky Waste Collection",
        "Trash, recycling, yard waste or a bulky item that was not picked up.",
        """
        trash, garbage, rubbish, recycling, recycle bin, bin, barrel, pickup, pick up, not picked
        up, not collected, collection, bulky waste, mattress, couch, sofa, furniture, television,
        appliance, bags, yard waste, leaves, sticker, left on the curb
        """,
    ),
    _kind(
        "tree",
        "Tree or Vegetation Issue",
        "A tree, branch, bush, grass or weeds.",
        """
        tree, branch, limb, trunk, stump, bush, hedge, shrub, vegetation, overgrown, weeds, grass,
        mow, trim, prune, roots, dead tree, fallen tree, leaning, poison ivy, plants
        """,
    ),
    _kind(
        "pothole",
        "Pothole Issue",
        "A hole in the road surface.",
        """
        pothole, pot hole, hole, deep hole, holes, crater, damage to tire, rim
        """,
    ),
    _kind(
        "street-light",
        "Street Light Issue",
        "A street light that is out, flickering or damaged.",
        """
        street light, streetlight, light out, light pole, lamp, lamp post, bulb, dark, flickering,
        lights out, lights on all day, gas lamp
        """,
    ),
    _kind(
        "park",
        "Recreation Facility, Sports Field or Park Issue",
        "A park, field, court, beach or pier.",
        """
        park, field, ball field, court, tennis court, basketball, soccer, baseball, bench, beach,
        pier, dock, dog park, fountain, recreation, picnic table, gate
        """,
    ),
    _kind(
        "snow",
        "Snow Issue",
        "Snow or ice on streets and sidewalks.",
        """
        snow, ice, icy, plow, plowed, not plowed, shovel, shoveled, salt, sand, slippery, snowbank
        """,
    ),
    _kind(
        "graffiti",
        "Graffiti Issue",
        "Graffiti or tags on walls, poles or signs.",
        """
        graffiti, tag, tagged, tagging, spray paint, spray painted, vandalism, vandalized, wall,
        sticker, swastika
        """,
    ),
    _kind(
        "cliff-walk",
        "Cliff Walk Issue",
        "The path along the cliffs.",
        """
        cliff walk, cliff, path, trail, walkway, steps, sea wall, railing, ocean
        """,
    ),
    _kind(
        "playground",
        "Playground Issue",
        "Play equipment.",
        """
        playground, swing, swings, slide, swingset, climbing, play equipment, children, kids, wood
        chips
        """,
    ),
    _kind(
        "restroom",
        "Public Restroom Issue",
        "A public restroom.",
        """
        restroom, rest room, bathroom, toilet, urinal, sink, soap, paper towels, hand dryer, stall,
        toilet paper
        """,
    ),
    _kind(
        "storm-drain",
        "Storm Drain",
        "A storm drain or catch basin.",
        """
        storm drain, drain, catch basin, grate, clogged, plugged, blocked drain, drainage, gutter,
        flooding, backed up
        """,
    ),
    _kind(
        "thanks",
        "Thank a City Employee",
        "Praise for somebody's work.",
        """
        thank, thanks, thank you, appreciate, great job, excellent work, kudos, compliment, grateful
        """,
    ),
)
