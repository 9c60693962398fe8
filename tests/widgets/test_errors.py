"""Is every error a calm page with the town's phone?"""

from __future__ import annotations

import pytest
from flask import Flask, abort
from sqlalchemy import text

from storage.database import db
from tests.conscience import StrictClient


@pytest.mark.parametrize("code", [400, 403, 404, 405, 410, 413, 418, 422, 429, 500, 503])
def test_every_error_is_a_calm_page_with_the_towns_phone(
    bare_app: Flask, client: StrictClient, code: int
) -> None:
    bare_app.add_url_rule("/fails", view_func=lambda: abort(code))
    answer = client.get("/fails")
    assert answer.status_code == code
    assert "603-555-0100" in answer.text
    assert 'data-step="error"' in answer.text
    is_offered_anew = 'class="button second" href="/report"' in answer.text
    asks_to_go_back = "go back" in answer.text or "send it again" in answer.text
    assert is_offered_anew is not asks_to_go_back, "a new form would lose what was written"


def test_a_fault_of_ours_says_so_and_tells_nothing_of_the_inside(
    bare_app: Flask, client: StrictClient
) -> None:
    def broken() -> str:
        raise ValueError("secret detail")

    bare_app.add_url_rule("/broken", view_func=broken)
    bare_app.testing = False
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text


def test_a_fault_of_ours_is_logged_without_the_key_or_the_values(
    bare_app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        db.session.execute(text("SELECT * FROM nothing WHERE name = :name"), {"name": "Someone Private"})

    monkeypatch.setattr("desk.views.admit", broken)
    bare_app.testing = False
    assert client.get("/a/abcdefghijkmnpqrstuv").status_code == 500
    assert "desk.show was broken off" in caplog.text
    assert "FROM nothing" in caplog.text
    assert "abcdefghijkmnpqrstuv" not in caplog.text
    assert "Private" not in caplog.text.replace('"Someone Private"', "")


def test_a_wrong_method_says_which_ones_there_are(client: StrictClient) -> None:
    answer = client.delete("/report")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
