"""Does each employee read their own language, in every letter and on the pages behind it?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from casework import digesting, held_letters, ladder, morning, operating
from casework.office import EXTENSION, Office
from mail.address import token
from tests.builders import opened
from tests.casework.letterbox import arrive, letters_to, reading_mail, reply_to
from tests.conscience import StrictClient
from tests.rules import changed

FOREMAN = "road-foreman"
TOWN_ROAD = (43.59597, -72.33374)


@pytest.fixture
def spanish(app: Flask, office: Office) -> Office:
    """The town whose foreman reads Spanish, and whose clerk reads French."""
    office = changed(changed(office, "people", FOREMAN, language="es"), "people", "town-clerk", language="fr")
    app.extensions[EXTENSION].swap(office)
    return office


def text_of(letter) -> str:
    return " ".join(letter.mail.text.split())


def test_letters_reminders_and_replies_speak_the_employees_language(spanish: Office, now) -> None:
    office = reading_mail(spanish)
    _receipt, case = opened(office, now, service="pothole", at=TOWN_ROAD)
    foreman, clerk = (office.rulebook.people[one].email for one in (FOREMAN, "town-clerk"))
    first = letters_to(case.request.id, foreman)[-1]
    assert "Bache" in first.mail.subject
    assert "El idioma del residente: inglés." in text_of(first)
    for days in range(1, 30):
        ladder.climb_due(office, now=now + timedelta(days=days))
    assert "El residente espera" in text_of(letters_to(case.request.id, foreman)[1])
    assert "Écrivez votre réponse" in text_of(letters_to(case.request.id, clerk)[-1])
    arrive(office, reply_to(first, "#quizas"), now=now)
    explained = text_of(letters_to(case.request.id, foreman)[-1])
    assert "No conocemos #quizas." in explained
    arrive(office, reply_to(first, "hecho"), now=now)
    assert "Hecho: la solicitud ha" in text_of(letters_to(case.request.id, foreman)[-1])


def test_what_is_gathered_speaks_the_language_of_whoever_gets_it(spanish: Office, now) -> None:
    office = changed(spanish, "people", FOREMAN, mail="hourly")
    opened(office, now, service="pothole", at=TOWN_ROAD)
    opened(office, now, service="pothole", held_for=("link",))
    assert digesting.send_due(office, now=now + timedelta(hours=1, minutes=3)) == 1
    assert "Le llegó a usted." in text_of(letters_to(None, office.rulebook.people[FOREMAN].email)[-1])
    held_letters.tell_due(office, now=now)
    morning.send_due(office, now=now + timedelta(days=1))
    operating.mail_operator_link(office, now=now)
    clerk = [
        one.mail.subject + text_of(one)
        for one in letters_to(None, office.rulebook.people["town-clerk"].email)
    ]
    for sign in ("retenue", "Ce matin"):
        assert any(sign in one for one in clerk), (sign, clerk)


def test_the_page_behind_a_letter_speaks_the_language_of_its_reader(
    spanish: Office, client: StrictClient, now
) -> None:
    _receipt, case = opened(spanish, now, service="pothole", at=TOWN_ROAD)
    value = token(spanish.secret, "employee", case.request.number, FOREMAN)
    for path in (f"/a/{value}", f"/a/{value}/away"):
        answer = client.get(path, headers={"Accept-Language": "fr"})
        assert answer.headers["Content-Language"] == "es", path
    assert client.get(f"/a/{value}?lang=en").headers["Content-Language"] == "en", (
        "who asks for another gets it"
    )
