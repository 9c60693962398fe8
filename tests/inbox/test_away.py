"""Is the end of an absence found in the text, in seven languages?"""

from __future__ import annotations

from datetime import date

import pytest

from inbox.away import read_away
from inbox.reading import read
from inbox.understood import understand
from tests.inbox.mails import mail

SENT = date(2026, 11, 2)
"""The Monday on which every mail of these tests was sent."""


def until(text: str, subject: str = "Automatic reply") -> tuple[date | None, str]:
    away = read_away(read(mail(text, subject=subject)))
    assert away is not None
    return away.until, away.language


@pytest.mark.parametrize(
    ("text", "day", "language"),
    [
        ("I am out of the office until November 13, 2026.", date(2026, 11, 13), "en"),
        ("I am out of the office until 11/13.", date(2026, 11, 13), "en"),
        ("I will be out of the office through Friday, 13 November.", date(2026, 11, 13), "en"),
        ("I am away from Nov 2 to Nov 13.", date(2026, 11, 13), "en"),
        ("I'm on vacation November 2 - November 13.", date(2026, 11, 13), "en"),
        ("I am on annual leave and will be back on 16 November.", date(2026, 11, 15), "en"),
        ("I am out of the office, returning 2026-11-16.", date(2026, 11, 15), "en"),
        ("I am out of the office and will return on Monday.", date(2026, 11, 8), "en"),
        ("I am out of the office until January 4th.", date(2027, 1, 4), "en"),
        ("Estoy fuera de la oficina hasta el 13 de noviembre de 2026.", date(2026, 11, 13), "es"),
        ("Estaré de vacaciones del 2 al 13 de noviembre.", date(2026, 11, 13), "es"),
        ("Estoy ausente. Regresaré el 16 de noviembre.", date(2026, 11, 15), "es"),
        ("Je suis absent du bureau jusqu'au 13 novembre 2026.", date(2026, 11, 13), "fr"),
        ("Je suis en congé du 2 au 13 novembre inclus.", date(2026, 11, 13), "fr"),
        ("Je suis absente, de retour le 16/11/2026.", date(2026, 11, 15), "fr"),
        ("Ich bin bis 13.11.2026 nicht im Büro.", date(2026, 11, 13), "de"),
        ("Ich bin bis einschließlich 13. November im Urlaub.", date(2026, 11, 13), "de"),
        ("Ich bin vom 02.11. bis zum 13.11. nicht erreichbar.", date(2026, 11, 13), "de"),
        ("Ich bin abwesend und ab dem 16.11.2026 wieder erreichbar.", date(2026, 11, 15), "de"),
        ("Sono fuori ufficio fino al 13 novembre 2026.", date(2026, 11, 13), "it"),
        ("Sarò in ferie dal 2 al 13/11/2026.", date(2026, 11, 13), "it"),
        ("Ik ben afwezig tot en met 13 november 2026.", date(2026, 11, 13), "nl"),
        ("Ik ben met verlof en op 16 november weer bereikbaar.", None, "nl"),
        ("Estarei fora do escritório até 13 de novembro de 2026.", date(2026, 11, 13), "pt"),
        ("Estou de férias até ao dia 13/11/2026.", date(2026, 11, 13), "pt"),
        ("I am out of the office.", None, "en"),
        ("I am out of the office; the budget of March 3, 2019 is on file.", None, "en"),
    ],
)
def test_the_last_day_away_is_found(text: str, day: date | None, language: str) -> None:
    assert until(text) == (day, language)


def test_an_automatic_answer_without_absence_is_none() -> None:
    assert (
        understand(mail("Your ticket was opened.", "Auto-Submitted: auto-replied", subject="Ticket")).away
        is None
    )


def test_the_subject_alone_may_say_it() -> None:
    assert until("Thank you.", subject="Out of Office until Nov 13")[0] == date(2026, 11, 13)


def test_a_date_long_gone_is_not_meant() -> None:
    assert until("I am out of the office until 13 November 2019.")[0] is None
