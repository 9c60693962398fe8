"""Can a report be sent by hand, corrected, looked at first, and does it get through when the post is down?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework import answering
from casework.delivering import deliver_due
from casework.office import Office
from lifecycle.status import Ending
from mail.delivery import Parcel, TryLater
from reports import making
from reports.changes import changes
from reports.edition import NothingToSend, make_due
from reports.order import Order, file_name, parts_of
from reports.period import Period
from reports.sending import reissue, send_again, send_now, send_preview
from storage import editions
from storage.database import reading
from storage.tables import Edition, OutgoingLetter
from tests.builders import opened
from tests.reports.plans import NAME, planning

DUE = datetime(2026, 11, 4, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLERK, COUNCIL = "clerk@alderfalls.example", "council@alderfalls.example"
DEPARTMENTS = {"audience": "department", "to": ["head of department", "council@alderfalls.example"]}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "pdf_of", lambda html, **_more: b"%PDF-1.7 " + html.encode())


@pytest.fixture
def town(office: Office, now: datetime) -> Office:
    opened(office, now)
    return office


@pytest.fixture
def october(office: Office) -> Period:
    return Period.named("2026-10", office.zone)


def letters(kind: str = "edition") -> list[EmailMessage]:
    with reading() as session:
        wanted = select(OutgoingLetter).options(undefer(OutgoingLetter.raw)).order_by(OutgoingLetter.id)
        rows = session.scalars(wanted.where(OutgoingLetter.kind == kind)).all()
    found = [message_from_bytes(row.raw, policy=default) for row in rows]
    return [letter for letter in found if isinstance(letter, EmailMessage)]


def text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def rows() -> list[tuple[str, str, int, str]]:
    with reading() as session:
        found = session.execute(select(Edition.period, Edition.part, Edition.issue, Edition.state)).all()
    return sorted((row.period, row.part, row.issue, row.state) for row in found)


# -- parts --


def test_each_department_has_an_edition_of_its_own_for_its_head(town: Office) -> None:
    planned = planning(town, **DEPARTMENTS)
    sent = make_due(planned, now=DUE)
    assert [one.part for one in sent] == list(planned.rulebook.departments)
    assert len(rows()) == len(sent) == 4
    for one in sent:
        head = planned.rulebook.people[planned.rulebook.departments[one.part].head]
        assert one.recipients == (head.email, COUNCIL)
    works = planned.rulebook.departments["public-works"].name.said()
    assert any(works in letter["subject"] for letter in letters())
    assert make_due(planned, now=DUE + HOUR) == ()


def test_only_the_parts_that_are_named_are_made(town: Office) -> None:
    planned = planning(town, audience="department", to={"public-works": ["head of department"]})
    assert [one.part for one in make_due(planned, now=DUE)] == ["public-works"]


def test_each_ward_has_one_too_and_a_file_of_its_own(town: Office, october: Period) -> None:
    from dataclasses import replace

    layer = "village"
    named = replace(
        town,
        rulebook=town.rulebook.model_copy(
            update={"town": town.rulebook.town.model_copy(update={"wards": layer})}
        ),
    )
    planned = planning(named, audience="ward")
    wards = parts_of(planned, planned.rulebook.reports[NAME])
    assert wards == tuple(sorted({one.name for one in town.layers.features(layer)}))
    plan = planned.rulebook.reports[NAME]
    assert file_name(plan, october, Order("St. Ōtara / Ward 3", 2)) == (
        f"{NAME}-st-otara-ward-3-2026-10-issue-2"
    )
    assert file_name(plan, october, Order("東")).count("-") == 4


# -- catching up --


def test_after_a_long_outage_the_newest_are_made_and_the_clerk_is_told_of_the_rest(town: Office) -> None:
    make_due(town, now=DUE)
    planned = planning(town, catch_up=1)
    late = datetime(2027, 5, 20, 12, tzinfo=UTC)
    assert [one.period for one in make_due(planned, now=late)] == ["2027-03", "2027-04"]
    assert [(period, state) for period, _, _, state in rows()] == [
        ("2026-10", "sent"), ("2026-11", "skipped"), ("2026-12", "skipped"), ("2027-01", "skipped"),
        ("2027-02", "skipped"), ("2027-03", "sent"), ("2027-04", "sent"),
    ]  # fmt: skip
    [told] = letters("edition_missed")
    assert told["to"] == CLERK
    assert told["subject"].startswith("4 reports were missed and are not made up for")
    assert f"report send {NAME} --period 2026-11" in text(told)
    assert make_due(planned, now=late + HOUR) == ()
    assert len(letters("edition_missed")) == 1
    [sent] = send_now(planned, NAME, Period.named("2026-12", town.zone), now=late + HOUR)
    assert sent.recipients == (CLERK, COUNCIL)


def test_the_letter_names_the_public_page_where_there_is_one(town: Office) -> None:
    make_due(planning(town, publish=True), now=DUE)
    assert f"{town.base_url}/reports/{NAME}/2026-10/" in text(letters()[-1])


# -- previews, again, corrected --


def test_a_preview_goes_to_one_reader_and_uses_no_edition(town: Office, october: Period) -> None:
    send_preview(town, NAME, october, to="member@example.org", note="Under way.", now=DUE - HOUR)
    [letter] = letters("edition_preview")
    assert (letter["to"], letter["subject"][:9]) == ("member@example.org", "Preview: ")
    assert "This is a preview for you alone." in text(letter)
    assert "on a schedule" not in text(letter)
    assert "/reports/" not in text(letter)
    assert "> Under way." in text(letter)
    assert [part.get_filename() for part in letter.iter_attachments()] == [f"{NAME}-2026-10-preview.pdf"]
    assert rows() == []
    assert len(make_due(town, now=DUE)) == 1


def test_a_correction_is_the_next_issue_with_what_has_changed(
    town: Office, now: datetime, october: Period
) -> None:
    with pytest.raises(NothingToSend, match="nothing to correct"):
        reissue(town, NAME, october, note="Too early.", now=DUE)
    make_due(town, now=DUE)
    _, case = opened(town, now + 24 * HOUR)
    answering.finish(
        town, case.request.id, ending=Ending.FIXED, text="", by="person:town-clerk", now=now + 48 * HOUR
    )
    [sent] = reissue(town, NAME, october, note="One request had not been counted.", now=DUE + HOUR)
    assert (sent.issue, sent.recipients) == (2, (CLERK, COUNCIL))
    first, second = (
        editions.edition(NAME, "2026-10", states=("sent",)),
        rows(),
    )
    assert second == [("2026-10", "", 1, "sent"), ("2026-10", "", 2, "sent")]
    assert first is not None
    assert first.note == "One request had not been counted."
    assert {"figure": "this.received", "then": 1, "now": 2} in first.changes
    letter = letters()[-1]
    assert letter["subject"].startswith("Corrected: ")
    assert "What has changed stands under “Changes since the issue before”." in text(letter)
    assert [part.get_filename() for part in letter.iter_attachments()] == [f"{NAME}-2026-10-issue-2.pdf"]
    [again] = send_again(town, NAME, october, to=["member@example.org"], now=DUE + 2 * HOUR)
    assert again.issue == 2


def test_what_was_made_for_the_manager_is_sent_again_only_to_who_has_it(
    town: Office, october: Period
) -> None:
    managers = planning(town, audience="manager", sections=None, to=[CLERK])
    make_due(managers, now=DUE)
    councils = planning(managers, audience="council", sections=["summary"], to=[CLERK, COUNCIL])
    for to in ([], [COUNCIL]):
        with pytest.raises(NothingToSend, match="made for the audience manager"):
            send_again(councils, NAME, october, to=to, now=DUE + HOUR)
    with pytest.raises(NothingToSend, match="made for the audience manager"):
        reissue(councils, NAME, october, note="For all.", now=DUE + HOUR)
    assert send_again(councils, NAME, october, to=[CLERK], now=DUE + HOUR)[0].recipients == (CLERK,)
    assert {letter["to"] for letter in letters()} == {CLERK}


def test_a_correction_says_why(town: Office, october: Period) -> None:
    make_due(town, now=DUE)
    with pytest.raises(NothingToSend, match="say why"):
        reissue(town, NAME, october, note="  ", now=DUE + HOUR)
    with pytest.raises(NothingToSend, match="at most 800 fit"):
        reissue(town, NAME, october, note="x" * 801, now=DUE + HOUR)


def test_a_correction_waits_for_a_word_like_the_first_issue(town: Office, october: Period) -> None:
    make_due(town, now=DUE)
    planned = planning(town, approve={"by": "deputy-clerk", "within": "48h"})
    [held] = reissue(planned, NAME, october, note="A place was wrong.", now=DUE + HOUR)
    assert held.waits_until == DUE + 49 * HOUR
    asked = text(letters("edition_draft")[-1])
    assert "This is issue 2. It replaces the one before." in asked
    assert "> A place was wrong." in asked
    with pytest.raises(NothingToSend, match="issue 2 of council-monthly for 2026-10 waits for a word"):
        reissue(planned, NAME, october, note="Another one.", now=DUE + 2 * HOUR)
    [sent] = make_due(planned, now=DUE + 49 * HOUR)
    assert (sent.issue, sent.recipients) == (2, (CLERK, COUNCIL))
    assert "> A place was wrong." in text(letters()[-1])


def test_a_correction_that_was_skipped_keeps_its_number_and_takes_the_new_note(
    town: Office, october: Period
) -> None:
    make_due(town, now=DUE)
    planned = planning(town, approve={"by": "deputy-clerk", "within": "48h", "then": "skip"})
    reissue(planned, NAME, october, note="Hasty.", now=DUE + HOUR)
    make_due(planned, now=DUE + 49 * HOUR)
    assert rows()[-1] == ("2026-10", "", 2, "skipped")
    [sent] = reissue(planning(planned, approve=None), NAME, october, note="Sure.", now=DUE + 50 * HOUR)
    assert sent.issue == 2
    stored = editions.edition(NAME, "2026-10")
    assert stored is not None
    assert (stored.state, stored.note) == ("sent", "Sure.")


def test_a_period_of_another_kind_can_only_be_looked_at(town: Office) -> None:
    with pytest.raises(NothingToSend, match="a report for every month, and 2026-Q3 is a quarter"):
        send_now(town, NAME, Period.named("2026-Q3", town.zone), now=DUE)


def test_a_part_that_there_is_not_is_refused_with_those_there_are(town: Office, october: Period) -> None:
    planned = planning(town, **DEPARTMENTS)
    with pytest.raises(NothingToSend, match='no part "works"; its parts are: town-office, public-works'):
        send_now(planned, NAME, october, part="works", now=DUE)
    with pytest.raises(NothingToSend, match="the whole town"):
        send_now(town, NAME, october, part="works", now=DUE)


def test_wards_without_a_readable_layer_are_said_to_be_none(town: Office, october: Period) -> None:
    with pytest.raises(NothingToSend, match="the layer of wards cannot be read"):
        send_now(planning(town, audience="ward"), NAME, october, now=DUE)


def test_what_is_attached_is_as_planned(town: Office, october: Period) -> None:
    for attach, names in (
        ({"csv": "attached"}, [".pdf", ".csv"]),
        ({"csv": "none"}, [".pdf"]),
        ({"pdf": False}, [".html", ".csv"]),
    ):
        planned = planning(town, attach=attach)
        send_preview(planned, NAME, october, to="member@example.org", now=DUE)
        files = [str(part.get_filename()) for part in letters("edition_preview")[-1].iter_attachments()]
        assert [name[name.rindex(".") :] for name in files] == names


def test_changes_name_each_figure_with_both_values() -> None:
    slow, fast = {"seconds": 7200, "is_reached": True}, {"seconds": 3600, "is_reached": True}
    before = {
        "as_of": "a",
        "this": {"received": 1, "half": slow, "outcomes": {"fixed": 1}},
        "services": [{"name": "tree", "snapshot": {"received": 3}}],
        "backlog": {"bands": [1, 0]},
        "months": [1],
    }
    now = {
        "as_of": "b",
        "this": {"received": 2, "half": fast, "outcomes": {"fixed": 1, "not_found": 1}},
        "services": [
            {"name": "sign", "snapshot": {"received": 1}},
            {"name": "tree", "snapshot": {"received": 4}},
        ],
        "backlog": {"bands": [1, 1]},
        "months": [2],
    }
    assert changes(before, now) == (
        {"figure": "this.received", "then": 1, "now": 2},
        {"figure": "this.half", "then": slow, "now": fast},
        {"figure": "this.outcomes.not_found", "then": None, "now": 1},
        {"figure": "backlog.bands", "then": [1, 0], "now": [1, 1]},
        {"figure": "services.sign.snapshot.received", "then": None, "now": 1},
        {"figure": "services.tree.snapshot.received", "then": 3, "now": 4},
    )
    assert changes(now, now) == ()
    assert changes(before | {"form": 1}, now | {"form": 2}) == ()


# -- the post --


class Post:
    """A mail server that is down until a moment, and cuts off one letter in the middle of a round."""

    def __init__(self, up_from: datetime) -> None:
        self.up_from, self.now, self.taken = up_from, up_from, Counter[str]()
        self.has_cut = False

    @contextmanager
    def round(self) -> Iterator[Post]:
        if self.now < self.up_from:
            raise TryLater("connection refused")
        yield self

    def carry(self, parcel: Parcel) -> None:
        if not self.has_cut:
            self.has_cut = True
            raise TryLater("not now")
        if b"filename=" in parcel.raw:  # the clerk gets other letters too, without a report in them
            self.taken[parcel.recipient] += 1


def test_after_two_days_without_a_mail_server_everybody_gets_it_once(town: Office) -> None:
    planned = planning(town, to=[CLERK, COUNCIL, *(f"member{number}@example.org" for number in range(5))])
    post, now = Post(DUE + 48 * HOUR), DUE
    while now < DUE + 56 * HOUR:
        make_due(planned, now=now)
        for _process in range(2):
            post.now = now
            deliver_due(planned, post, now=now)
        now += HOUR
    assert post.taken == Counter(planned.rulebook.reports[NAME].recipients())
    assert rows() == [("2026-10", "", 1, "sent")]
