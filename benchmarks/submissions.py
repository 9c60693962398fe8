"""How many residents can send at once, and how long do they wait? Against the same thing by hand.

Pairs in one run: our town with its postman at work, with its postman at rest (the inserts alone), with
a mail server that does not answer, then the hand-written endpoint, and the one whose letters are ready
beforehand. The next is asked when all letters have been carried, so that nobody runs beside anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count

from benchmarks.lines import Line, MeasurementWrong, Plan, Skipped, at, middle
from benchmarks.sender import Sent, send
from benchmarks.servers import BY_HAND, TOWN, TOWN_AT_REST, Served, empty_town, processor

GOAL, TAIL = 0.6, 4.0
NO_MAIL_SERVER = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1", "SMTP_SECURITY": "none"}
"""Nobody listens on port 1."""


@dataclass
class Contender:
    name: str
    server: Served
    path: str = "/report"
    is_carrying: bool = False
    runs: dict[int, list[Sent]] = field(default_factory=lambda: {1: [], 16: []})
    processor: dict[int, list[float]] = field(default_factory=lambda: {1: [], 16: []})
    """Milliseconds of processor time for one submission, run by run, carrying its letters included."""

    def run(self, senders: int, seconds: float, marks: count[int], *, is_counted: bool = True) -> None:
        before = _processor(self.server.pid)
        sent = send(
            self.server.port, self.path, senders=senders, seconds=seconds, first=next(marks) * 100_000
        )
        self.server.receipts += sent.receipts
        if self.is_carrying:
            self.server.wait_for_letters()
        if is_counted:
            self.runs[senders].append(sent)
            self.processor[senders].append((_processor(self.server.pid) - before) * 1000 / len(sent.receipts))

    def speed(self, senders: int) -> float:
        return middle([run.per_second for run in self.runs[senders]])

    def wait(self, senders: int, percent: int) -> float:
        """Return the percentile of all its runs' waiting times, in milliseconds."""
        return at([time for run in self.runs[senders] for time in run.milliseconds], percent)


def rows(plan: Plan) -> Iterator[Line]:
    """Yield the lines of the final POST at 1 and at 16 senders."""
    with ExitStack() as stack:
        town = _started(stack, plan, TOWN, "town")
        at_rest = _started(stack, plan, TOWN_AT_REST, "town-at-rest")
        away = _started(stack, plan, TOWN, "mail-server-away", **NO_MAIL_SERVER)
        hand = _started(stack, plan, BY_HAND, "by-hand")
        ours = [
            Contender("postman at work", town, is_carrying=True),
            Contender("postman at rest", at_rest),
            Contender("mail server away", away),
        ]
        references = [
            Contender("by hand", hand),
            Contender("by hand, MIMEText", hand, "/older"),
            Contender("by hand, letters ready", hand, "/prepared"),
        ]
        marks = count(1)
        for contender in (*ours, *references):
            contender.run(16, min(1.0, plan.seconds), marks, is_counted=False)
        for senders in (1, 16):
            for pair in range(plan.pairs):
                everybody = [*ours, *references]
                for contender in everybody if pair % 2 else reversed(everybody):
                    contender.run(senders, plan.seconds, marks)
        for server in (town, at_rest, away, hand):
            server.compare()
            if server.process is None or server.process.poll() is not None:
                raise MeasurementWrong(f"{server.data.name} ended while it was measured")
    yield from _lines(ours, references)


def _started(stack: ExitStack, plan: Plan, command: tuple[str, ...], name: str, **settings: str) -> Served:
    server = Served(command, empty_town(plan.folder / "submissions" / name), settings=settings)
    server.start()
    stack.callback(server.stop)
    return server


def _lines(ours: list[Contender], references: list[Contender]) -> Iterator[Line]:
    by_hand, *others = references
    # What writing letters costs is shown once, on the inserts alone.
    pairs = [(one, by_hand) for one in ours] + [(ours[1], other) for other in others]
    for senders in (1, 16):
        for one, other in pairs:
            yield _speeds(one, other, senders, has_goal=other is by_hand)
    for one, other in pairs:
        yield _work(one, other)
    for one in ours:
        yield _tail(one, by_hand)


def _processor(pid: int) -> float:
    try:
        return processor(pid)
    except Skipped:
        return 0.0


def _many(senders: int) -> str:
    return "1 sender" if senders == 1 else f"{senders} senders"


def _speeds(ours: Contender, reference: Contender, senders: int, *, has_goal: bool) -> Line:
    ratios = [
        one.per_second / other.per_second
        for one, other in zip(ours.runs[senders], reference.runs[senders], strict=True)
    ]
    is_goal = has_goal and senders == 16
    return Line(
        what=f"submissions, {_many(senders)}, {ours.name}",
        ours=f"{ours.speed(senders):,.0f}/s",
        reference=f"{reference.name}: {reference.speed(senders):,.0f}/s",
        ratio=middle(ratios),
        spread=(min(ratios), max(ratios)),
        goal=f">= {GOAL}" if is_goal else "",
        is_met=middle(ratios) >= GOAL if is_goal else None,
        figures={"ratios": ratios},
    )


def _work(ours: Contender, reference: Contender) -> Line:
    """Compare processor time, which says the same on a busy machine as on a quiet one."""
    mine, theirs = middle(ours.processor[16]), middle(reference.processor[16])
    return Line(
        what=f"processor time per submission, {ours.name}",
        ours=f"{mine:.2f} ms",
        reference=f"{reference.name}: {theirs:.2f} ms",
        ratio=mine / theirs if theirs else None,
    )


def _tail(ours: Contender, reference: Contender) -> Line:
    half, late = ours.wait(16, 50), ours.wait(16, 99)
    other_half, other_late = reference.wait(16, 50), reference.wait(16, 99)
    return Line(
        what=f"p99 to p50, 16 senders, {ours.name}",
        ours=f"{late:.0f} ms to {half:.0f} ms",
        reference=f"{reference.name}: {other_late:.0f} ms to {other_half:.0f} ms",
        ratio=late / half,
        goal=f"<= {TAIL:.0f}",
        is_met=late <= TAIL * half,
        figures={"p50": half, "p99": late, "one_p50": ours.wait(1, 50), "one_p99": ours.wait(1, 99)},
    )
