"""Does every agency's own system have its key, and is every key for an agency that there is?"""

from __future__ import annotations

from collections.abc import Collection

from routing.problems import nearest
from routing.rulebook import Agency, Rulebook
from settings import key_variable


def keys_missing(rulebook: Rulebook, keys: Collection[str]) -> list[str]:
    """Return a sentence for each agency that takes reports into its own system without a key of ours."""
    return [
        f"{key_variable(agency.id)}: is empty, so reports go to {agency.name.said()} without a key. "
        "That is right only where their system asks for none."
        for agency in _wired(rulebook)
        if agency.id not in keys
    ]


def keys_idle(rulebook: Rulebook, keys: Collection[str]) -> list[str]:
    """Return a sentence for each key that no agency of the rules file uses."""
    known = [agency.id for agency in _wired(rulebook)]
    return [
        f'{key_variable(name)}: no agency "{name}" has handoff: open311 in the rules file ({hint}).'
        for name in sorted(keys)
        if name not in known
        for hint in [nearest(name, known) or "remove the variable"]
    ]


def _wired(rulebook: Rulebook) -> list[Agency]:
    return [agency for agency in rulebook.agencies.values() if agency.handoff == "open311"]
