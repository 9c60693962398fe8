"""In which words is a decision explained, to the resident and to the staff?

The town's own ``say`` always wins. These are the sentences where a rule says nothing. They are
marked for the catalogues with ``N_``; whoever decides may pass a translator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from languages.said import Said

Translate = Callable[[str], str]

PLACEHOLDERS = ("road", "area", "agency", "service", "town", "department")
"""What ``say`` and ``staff`` may use in braces."""

_BRACES = re.compile(r"\{(\w*)\}")


def N_(words: str) -> str:
    """Mark words for translation without translating them yet."""
    return words


STOP = N_("This may be dangerous. Please call now instead of writing.")
ASK = N_("Two roads with different owners are very close here. Which one do you mean?")
ASK_BORDER = N_("This street is the line between two towns. On whose side of it is the problem?")
ASK_NAMED = N_("What you wrote can mean roads with different owners. Which one do you mean?")
BY_NAME = N_("The address names {road}.")
ELSEWHERE = N_("{agency} is responsible for this, not {town}.")
OURS = N_("{department} ({town}) takes care of this.")
NO_PLACE = N_(
    "From a description alone we cannot tell who is responsible for this place. "
    "The town clerk will find out and see that it reaches the right people."
)
NO_ANSWER = N_(
    "Our maps do not tell who is responsible for this place. "
    "The town clerk will find out and see that it reaches the right people."
)
OUTSIDE = N_(
    "This place seems to lie outside {town}. The town clerk will look and tell you who is responsible there."
)
OUTSIDE_NEAR = N_(
    "This place seems to lie outside {town}, in or near {area}. "
    "The town clerk will look and tell you who is responsible there."
)
THIS_ROAD = N_("this road")
THIS_AREA = N_("this area")

OWNERS: Mapping[str, str] = {
    "town": N_("{road} (the town's)"),
    "village": N_("{road} (the village's)"),
    "county": N_("{road} (the county's)"),
    "state": N_("{road} (the state's)"),
    "private": N_("{road} (private)"),
    "utility": N_("{road} (the utility's)"),
    "federal": N_("{road} (federal)"),
    "railroad": N_("{road} (the railroad's)"),
    "neighbour": N_("{road} (the neighbouring town's)"),
}
OTHER_OWNER = N_("{road} ({owner})")
UNNAMED_ROAD = N_("a road without a name")

# What the staff reads. Owners, layers and rules are called as rules.yaml calls them.
PLACELESS = N_("The place came without coordinates.")
TIMELESS = N_("The rule asks for the time, and no moment was given.")
ROADLESS = N_("No road of the road layers is near enough to tell.")
ASSET = N_("{layer}: {asset} ({owner}), {how}.")
UNNUMBERED = N_("without a number")
TYPED = N_("by its typed number")
AWAY = N_("{metres} m away")
INSIDE = N_("It lies in {areas}.")
BEYOND = N_("Outside the town's boundary.")
TWO_OWNERS = N_("The answer depends on which of two owners' roads is meant.")
UNDECIDED = N_('To the clerk: rule "{rule}" could not be decided.')
UNCOVERED = N_("To the clerk: no rule covers this place.")
BY_RULE = N_('Rule "{rule}".')
BY_SERVICE = N_("No special rule applies here, so it goes to whoever normally does this kind of job.")
WRITTEN = N_("Found by the name that was written: {roads}")
NEAREST = N_("Nearest road: {road} ({owner}), {metres} m away")
NEXT = N_("{said}; next owner: {road} ({owner}), {metres} m")
TAKEN = N_("{said}; taken as {owner}")
UNNAMED = N_("without a name")


def fill(sentence: str, values: Mapping[str, str]) -> str:
    """Put the values in place of ``{road}`` and the like; unknown braces stay as they stand."""
    filled = _BRACES.sub(lambda found: values.get(found[1], found[0]), sentence)
    return Said(filled, sentence.tongue) if isinstance(sentence, Said) else filled


def placeholders(sentence: str) -> tuple[str, ...]:
    """Return the names that stand in braces."""
    return tuple(found[1] for found in _BRACES.finditer(sentence))


def road_label(name: str, owner: str, translate: Translate, names: Mapping[str, str] | None = None) -> str:
    """Return a road with its owner for the resident to pick: ``Mill Road (the county's)``.

    ``names`` are the names of owners that have one of their own, such as a neighbouring town's.
    """
    named = (names or {}).get(owner)
    sentence = translate(OTHER_OWNER if named else OWNERS.get(owner, OTHER_OWNER))
    said = named or owner.replace("-", " ")
    return fill(sentence, {"road": name or translate(UNNAMED_ROAD), "owner": said})
