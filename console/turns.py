"""What do people put right by hand, and which rule would spare them that? ``flask rules wrong-turns``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import click

from casework.office import the_office
from routing.suggesting import Suggestion, suggest
from routing.turns import WrongTurn
from storage import turns

LONGEST = 3660
SHOWN = 50


@click.command("wrong-turns")
@click.option("--days", type=click.IntRange(1, LONGEST), default=90, show_default=True, help="How far back.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def wrong_turns(days: int, as_json: bool) -> None:
    """Say which requests were put right by hand, and suggest rules.

    That is: "not ours", refused by an agency, given to a colleague before anything else was done, or
    another service or place. Each rule was tried on the past: it changes the requests that it names
    and no other.
    """
    office = the_office()
    found = turns.wrong_turns(datetime.now(UTC) - timedelta(days=days))
    suggestions = suggest(office.rulebook, office.layers, found, days=days)
    if as_json:
        shown = {
            "days": days,
            "suggestions": [suggestion.as_json() for suggestion in suggestions],
            "turns": [turn.as_json() for turn in found],
        }
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(days, found, suggestions)))


def _lines(days: int, found: Sequence[WrongTurn], suggestions: Sequence[Suggestion]) -> Iterator[str]:
    if not found:
        yield f"Nothing was put right by hand in the last {days} days."
        return
    count = "1 request was" if len(found) == 1 else f"{len(found)} requests were"
    yield f"{count} put right by hand in the last {days} days."
    for suggestion in suggestions:
        yield ""
        yield suggestion.sentence
        yield f"requests: {', '.join(suggestion.numbers)}"
        place = f'before the rule "{suggestion.before}"' if suggestion.before else "at the end of rules:"
        yield f"a rule that would have done so, {place}"
        yield suggestion.yaml.rstrip("\n")
    if suggestions:
        yield ""
        yield "Before you take one: put it into a copy of the rules beside their layers, and say"
        yield "flask --app app rules simulate --past --rules COPY"
    yield from _others(found, suggestions)


def _others(found: Sequence[WrongTurn], suggestions: Sequence[Suggestion]) -> Iterator[str]:
    """Name the turns that no rule can put right, or that today's rules would not make any more."""
    told = {number for suggestion in suggestions for number in suggestion.numbers}
    rest = [turn for turn in found if turn.number not in told or turn.kind == "rerouted"]
    if rest:
        yield ""
        yield "No rule is suggested for these: too few are alike, or today's rules decide them so already."
    for turn in rest[:SHOWN]:
        service = f"{turn.service} -> {turn.to_service}" if turn.to_service else turn.service
        yield f"{turn.number}  {service}  {turn.decided_to} ({turn.rule}) -> {turn.went_to}  {turn.kind}"
    if len(rest) > SHOWN:
        yield f"… and {len(rest) - SHOWN} more; --json prints them all."
