"""How often is what somebody newly wrote found in a reply, as four other teams expect it?

Labelled replies of the test suites of other trimmers, per suite and kind; white space is ignored, as
their own measurements do. The failures are printed with their first line, so that one sees what is not
solved.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.lines import Line, Plan, Skipped
from inbox.html import to_text
from inbox.quotation import reply_text
from inbox.reading import read
from settings import ROOT

REPLIES = ROOT.parent / "shared" / "data" / "mail" / "replies.jsonl"
GOAL, BEST_PEER = 0.92, 0.829
"""The share of replies to be right, and what the best of twelve peers reached on the whole set."""
SLOWEST_SECONDS = 2.0


@dataclass(frozen=True)
class _Case:
    group: str
    name: str
    said: str
    expected: str


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the share of right answers of each suite and of all together, then the slowest hostile text."""
    del plan
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for case in _cases():
        found = reply_text(case.said).text
        is_right = _bare(found) == _bare(case.expected)
        groups[case.group].append(is_right)
        if not is_right:
            first = next(iter(found.splitlines()), "(nothing)")
            print(f"  not as expected: {case.group} {case.name}: {first[:70]}", file=sys.stderr)
    for name, answers in sorted(groups.items()):
        yield Line(f"replies, {name}", _share(answers))
    every = [answer for answers in groups.values() for answer in answers]
    yield Line(
        "replies, all",
        _share(every),
        f"best peer {BEST_PEER:.1%}",
        goal=f">= {GOAL:.0%}",
        is_met=sum(every) >= GOAL * len(every),
        figures={"right": sum(every), "of": len(every)},
    )
    yield _slowest()


def _cases() -> Iterator[_Case]:
    if not REPLIES.exists():
        raise Skipped(f"there are no labelled replies at {REPLIES}")
    for row in map(json.loads, REPLIES.read_text(encoding="utf-8").splitlines()):
        expected = row["expected"]
        if str(row.get("expected_is", "")).startswith("html"):
            # A rule that was left standing is no word.
            expected = re.sub(r"(?m)^_+$", "", to_text(expected))
        yield _Case(f"{row['source']} ({row['kind']})", row["id"], _said(row), expected)


def _said(row: dict[str, Any]) -> str:
    if row["kind"] == "eml":
        return read(row["input"].encode("latin-1")).text
    return to_text(row["input"]) if row["kind"] == "html" else str(row["input"])


def _bare(text: str) -> str:
    return "".join(text.split())


def _share(answers: list[bool]) -> str:
    return f"{sum(answers) / len(answers):.1%} ({sum(answers)} of {len(answers)})"


def _slowest() -> Line:
    """Measure the worst of 300 kB of some repeated patterns."""
    worst, culprit = 0.0, ""
    for pattern in (">", "a\n", "On 1/1/2024 x wrote:\n", "a@b.c\n", "From: \n", "--\n", "wrote: ", "12:00 "):
        began = time.perf_counter()
        reply_text(
            pattern * (300_000 // len(pattern)), markers=["Write above this line"], ours="A letter of ours."
        )
        taken = time.perf_counter() - began
        if taken > worst:
            worst, culprit = taken, pattern.strip()
    return Line(
        f"300 kB of one pattern, the slowest ({culprit})",
        f"{worst:.2f} s",
        goal=f"<= {SLOWEST_SECONDS:.0f} s",
        is_met=worst <= SLOWEST_SECONDS,
    )
