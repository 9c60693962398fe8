"""Are facts counted the same in both ways, by the right indexes, and without looking at any request?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Select, event, literal, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from figures.shapes import TOWN, Figures, Scope
from reports.period import Period, frame_of
from storage import apart, counting_streams, packing
from storage.counting_pass import Pass
from storage.counting_streams import Streams
from storage.ledger import Ledger, row
from storage.packing import Packed, TooWide, counts
from tests.figures.town import add, empty_town, plain_sorting, reckoned
from tests.reports.past import AS_OF, OCTOBER, ZONE, past


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with empty_town() as opened:
        add(opened, past(), sorting=plain_sorting(OCTOBER))
        opened.flush()
        yield opened


def told(session: Session, period: Period = OCTOBER, scope: Scope = TOWN) -> Figures:
    return reckoned(
        session, frame_of(period), as_of=AS_OF, zone=ZONE.key, scope=scope, is_workload_wanted=True
    )


@pytest.mark.parametrize("scope", [TOWN, Scope("service", "pothole")], ids=["town", "service"])
@pytest.mark.parametrize("period", [OCTOBER, Period(2025, 1, ZONE, "year")], ids=["month", "year"])
def test_drawing_columns_and_letting_the_database_group_come_to_the_same(
    session: Session, monkeypatch: pytest.MonkeyPatch, period: Period, scope: Scope
) -> None:
    drawn = told(session, period, scope)
    monkeypatch.setattr(packing, "_drawn", packing._grouped)
    assert told(session, period, scope) == drawn


def test_no_statement_of_the_figures_looks_at_a_request(session: Session) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    told(session)
    event.remove(engine, "before_cursor_execute", note)
    assert asked
    assert not [statement for statement in asked if "requests" in statement.replace("request_id", "")]
    assert len(asked) < 35, "a number that does not grow with the town"


def plan(session: Session, *where: Any) -> str:

    engine = session.get_bind()
    asked = select(row.service).where(*where).compile(engine, compile_kwargs={"literal_binds": True})
    return " ".join(found[3] for found in session.execute(text(f"EXPLAIN QUERY PLAN {asked}")))


def test_a_month_is_found_by_an_index_and_a_year_is_read_as_it_lies(session: Session) -> None:
    ledger = Ledger.opened(session)
    month, year = frame_of(OCTOBER).this, frame_of(Period(2025, 1, ZONE, "year")).this
    assert "ix_facts_created_day" in plan(session, *ledger.within(month))
    assert "ix_facts_ended_day" in plan(session, *ledger.ended(month))
    assert plan(session, *ledger.within(year)) == "SCAN facts"


def test_what_streams_is_grouped_in_the_order_of_an_index_and_touches_no_fact(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = apart.rows_of

    def note(answer: Any, opened: Session, one: Select[Any]) -> Any:
        asked.append(str(one.compile(session.get_bind(), compile_kwargs={"literal_binds": True})))
        return rows(answer, opened, one)

    monkeypatch.setattr(counting_streams, "rows_of", note)
    told(session, Period(2025, 1, ZONE, "year"))
    assert len(asked) == 15
    for one in asked:
        (step,) = session.execute(text(f"EXPLAIN QUERY PLAN {one}")).all()
        assert "INDEX ix_facts_" in step.detail
        # The table stands open, for the index does not tell that all in it are counted; it is not read.
        codes = session.execute(text(f"EXPLAIN {one}")).all()
        tables = {
            code.p1 for code in codes if code.opcode == "OpenRead" and not str(code.p4).startswith("k(")
        }
        read = {code.p1 for code in codes if code.opcode == "Column"}
        assert not read & tables, one


@pytest.mark.parametrize(
    "period",
    [
        OCTOBER,
        Period(2025, 1, ZONE, "year"),
        Period(2026, 10, ZONE, "week", 12),
        Period(2026, 10, ZoneInfo("Asia/Kolkata")),
        Period(2026, 10, ZoneInfo("Asia/Kathmandu")),
        Period(2026, 10, ZoneInfo("Australia/Lord_Howe")),
    ],
    ids=["month", "year", "week", "half an hour off", "a quarter off", "clocks change by half an hour"],
)
def test_what_indexes_tell_is_what_the_facts_tell_one_by_one(
    monkeypatch: pytest.MonkeyPatch, period: Period
) -> None:
    with empty_town() as opened:
        add(opened, past(), sorting=plain_sorting(period))
        opened.flush()
        streamed = told(opened, period)
        monkeypatch.setattr(Streams, "asked", {})
        assert told(opened, period) == streamed
        assert streamed.this.received


def test_numbers_are_packed_and_come_apart_again() -> None:
    packed = Packed.of((literal(1), 9), (literal(2), 10), (literal(3), 4))
    assert packed.unpacked(1 * 40 + 2 * 4 + 3) == (1, 2, 3)
    with pytest.raises(TooWide):
        Packed.of(*((literal(1), 2**16) for _ in range(4)))


def test_several_columns_are_counted_together(session: Session) -> None:
    columns = {"ending": row.ending, "service": row.service}
    together, alone = counts(session, (), columns, ("ending", "service"), ("ending",))
    assert sum(together.values()) == sum(alone.values()) == len(past())
    assert {ending for ending, _service in together} == set(alone)


def test_postgresql_understands_what_is_asked(session: Session) -> None:
    """As words: no server is asked, but nothing that only SQLite knows is in them."""

    ledger = Ledger.opened(session)
    asked = Pass(ledger, frame_of(OCTOBER), until=int(AS_OF.timestamp()), is_workload_wanted=True)
    columns = [question.column for question in asked.questions.values()]
    said = str(select(*columns).compile(dialect=postgresql.dialect()))
    assert "CAST" in said
    assert "BIGINT" in said


def test_a_name_that_nobody_knows_narrows_to_nothing(session: Session) -> None:
    found = told(session, scope=Scope("department", "nobody"))
    assert (found.this.received, found.this.open_after, found.services) == (0, 0, ())


def test_the_whole_is_the_sum_of_its_services(session: Session) -> None:
    whole = told(session)
    parts = [told(session, scope=Scope("service", line.name)).this for line in whole.services]
    for name in (
        "received",
        "issues",
        "redirected",
        "passed_on",
        "open_before",
        "open_after",
        "due",
        "on_time",
        "asked",
    ):
        assert sum(getattr(part, name) for part in parts) == getattr(whole.this, name)
