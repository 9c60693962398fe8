"""Does only the operator get in: by a link that is mailed or printed, ends, and can be closed?"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from casework.errors import LinkRefused
from casework.office import Office
from casework.operating import (
    admit_operator,
    mail_operator_link,
    operator,
    operator_link,
    revoke_operator_links,
)
from settings import Settings
from storage.database import Base, reading
from storage.tables import OperatorLink, OutgoingLetter

PAGES = ("", "rules", "map", "map.svg", "turns")


def value_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def letters() -> list[OutgoingLetter]:
    with reading() as session:
        found = session.scalars(select(OutgoingLetter).where(OutgoingLetter.kind == "operator_link")).all()
        return [row for row in found if row.raw]


def everything() -> dict[str, int]:
    with reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_a_link_opens_every_page_for_twelve_hours(office: Office, now: datetime):
    value = value_of(operator_link(office, now=now))
    assert len(value) == 20
    assert admit_operator(office, value, now=now + timedelta(hours=11)) == now + timedelta(hours=12)
    with pytest.raises(LinkRefused, match="expired"):
        admit_operator(office, value, now=now + timedelta(hours=12))


def test_two_links_differ_and_only_their_hashes_are_kept(office: Office, now: datetime):
    values = {value_of(operator_link(office, now=now)) for _ in range(2)}
    assert len(values) == 2
    with reading() as session:
        kept = {row.token_hash for row in session.scalars(select(OperatorLink))}
    assert len(kept) == 2
    assert all(len(one) == 64 for one in kept)
    assert not kept & values


def test_revoking_closes_all_links_and_says_how_many(office: Office, now: datetime):
    value = value_of(operator_link(office, now=now))
    operator_link(office, now=now - timedelta(days=2))
    assert revoke_operator_links(now=now) == 1
    with pytest.raises(LinkRefused, match="withdrawn"):
        admit_operator(office, value, now=now)
    assert revoke_operator_links(now=now) == 0


@pytest.mark.parametrize("hours", [0, -1, 337])
def test_a_link_is_not_good_for_any_length_of_time(office: Office, now: datetime, hours: int):
    with pytest.raises(ValueError, match="1 to 336"):
        operator_link(office, now=now, hours=hours)


def test_the_link_goes_to_the_operators_mailbox_at_most_once_in_ten_minutes(office: Office, now: datetime):
    assert operator(office).id == office.rulebook.clerk
    assert mail_operator_link(office, now=now)
    assert not mail_operator_link(office, now=now + timedelta(minutes=9))
    assert mail_operator_link(office, now=now + timedelta(minutes=10))
    assert [row.recipient for row in letters()] == [operator(office).email] * 2


def test_the_rules_may_name_another_operator(office: Office):
    other = office.rulebook.model_copy(update={"operator": "road-foreman"})
    assert operator(Office(**{**vars(office), "rulebook": other})).id == "road-foreman"


def test_the_mailed_link_opens_the_pages(client, office: Office):
    answer = client.post("/operations/")
    assert answer.status_code == 303
    (letter,) = letters()
    text = letter.raw.decode("ascii").replace("=\r\n", "")
    value = text.split("/operations/")[1][:20]
    assert client.get(f"/operations/{value}/").status_code == 200


def test_asking_gives_the_same_answer_whether_a_letter_went_or_not(client, app: Flask):
    first = client.post("/operations/", follow_redirects=True)
    second = client.post("/operations/", follow_redirects=True)
    assert first.data == second.data
    assert "Look into your mailbox" in first.text
    assert "alderfalls.example" not in first.text.split("<main")[1].split("</main>")[0]
    assert len(letters()) == 1


def test_opening_the_door_mails_nothing(client, app: Flask):
    for _ in range(3):
        assert client.get("/operations/").status_code == 200
        assert client.get("/operations/?sent=1").status_code == 200
    assert letters() == []


@pytest.mark.parametrize("page", PAGES)
def test_a_link_that_opens_nothing_says_what_to_do(client, office: Office, page: str):
    now = datetime.now(UTC)
    closed = value_of(operator_link(office, now=now))
    revoke_operator_links(now=now)
    old = value_of(operator_link(office, now=now - timedelta(hours=13)))
    cases = {"abcdefghijkmnpqrstuv": 404, "short": 404, old: 410, closed: 410}
    for value, status in cases.items():
        answer = client.get(f"/operations/{value}/{page}")
        assert answer.status_code == status, value
        assert "Mail me a link" in answer.text
        assert "operator-link" in answer.text
    assert client.post(f"/operations/{old}/rules", data={"rules": "a: 1"}).status_code == 410


def test_a_key_for_a_request_does_not_open_the_operators_pages(client, office: Office):
    from mail.address import token

    for purpose in ("employee", "resident"):
        value = token(office.secret, purpose, "26-0001", "town-clerk")
        assert client.get(f"/operations/{value}/").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_indexed_framed_kept_or_told_of(client, link: str, page: str):
    headers = client.get(link + page).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_looking_three_times_changes_nothing(client, link: str):
    before = everything()
    for _ in range(3):
        for page in PAGES:
            assert client.get(f"{link}{page}?service=pothole&at=43.60902,-72.33341").status_code == 200
    assert everything() == before


def test_a_page_that_breaks_off_does_not_put_the_key_into_the_log(
    bare_app: Flask, client, link: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("operations.views.overview", broken)
    bare_app.testing = False
    bare_app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        assert client.get(link).status_code == 500
    assert "operations.home was broken off" in caplog.text
    assert value_of(link) not in caplog.text


# -- the command --


def test_the_command_prints_a_link_that_works(app: Flask, client, office: Office):
    done = app.test_cli_runner().invoke(args=["operator-link", "--hours", "1"])
    assert done.exit_code == 0, done.output
    address = done.stdout.splitlines()[0]
    assert address.startswith(f"{office.base_url}/operations/")
    assert client.get(address.removeprefix(office.base_url)).status_code == 200


def test_the_command_prints_a_link_also_while_the_rules_are_broken(
    client, settings: Settings, tmp_path: Path
):
    broken = tmp_path / "broken.yaml"
    broken.write_text("town: [", encoding="utf-8")
    other = create_app(settings.model_copy(update={"rules": broken}))
    done = other.test_cli_runner().invoke(args=["operator-link"])
    assert done.exit_code == 0, done.output
    assert client.get(done.stdout.splitlines()[0].removeprefix(settings.url)).status_code == 200


def test_the_command_mails_a_link_and_closes_all(app: Flask, office: Office):
    runner = app.test_cli_runner()
    assert operator(office).email in runner.invoke(args=["operator-link", "--mail"]).output
    again = runner.invoke(args=["operator-link", "--mail"])
    assert again.exit_code == 1
    assert "within the last ten minutes" in again.output
    assert "1 link was closed" in runner.invoke(args=["operator-link", "--revoke"]).output
    assert runner.invoke(args=["operator-link", "--revoke", "--mail"]).exit_code == 2
