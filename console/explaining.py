"""How does a decision read on a terminal, with every rule that was tried on the way to it?"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from routing.decision import Decision
from routing.rulebook import Outcome
from routing.trace import NOT_REACHED, Part, Trace, Tried

WIDTH = 110


def decision_lines(decision: Decision) -> Iterator[str]:
    """Yield the decision: who, by which rule, and why."""
    yield f"{decision.outcome}: {decision.target}"
    yield f"  rule      {decision.rule}"
    yield f"  resident  {decision.because}"
    yield f"  staff     {decision.because_staff}"
    if decision.outcome is Outcome.ASK:
        yield from (f"  option    {option.value}: {option.label}" for option in decision.options)
    else:
        yield f"  in town   {decision.services_assignee}"


def trace_lines(trace: Trace) -> Iterator[str]:
    """Yield every rule in the order in which it was tried: its answer, and why.

    What settled nothing is one line; a rule that held, or that nobody could tell, shows all it asked.
    """
    yield ""
    yield "Rules in the order in which they are tried:"
    width = max((len(tried.rule) for tried in trace.tried), default=0)
    for tried in trace.tried:
        if tried.answer != NOT_REACHED:
            yield from _rule(tried, width)
    left = [tried.rule for tried in trace.tried if tried.answer == NOT_REACHED]
    if left:
        yield from _folded(f"  not reached: {', '.join(left)}", "    ")


def _rule(tried: Tried, width: int) -> Iterator[str]:
    yield from _folded(
        f"  {tried.answer:8} {tried.outcome:8} {tried.rule:{width}}  {tried.because}", " " * 21
    )
    if tried.answer != "no":
        yield from (line for part in tried.parts for line in _folded(f"             {_part(part)}", " " * 17))


def _part(part: Part) -> str:
    return f"{part.answer:8} {'or ' if part.is_or else ''}{part.asked} — {part.found}"


def _folded(line: str, indent: str) -> list[str]:
    return textwrap.wrap(
        line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
