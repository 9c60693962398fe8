"""Does each language write its own days, hours, commas and plurals?"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from languages.catalogues import words
from languages.moments import moment
from mail.composer import Composer
from settings import ROOT
from tests.journeys import pseudo

AT = datetime(2026, 11, 23, 14, 30, tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "day, 2:30 PM"),
        ("es", "day, 14:30"),
        ("es_US", "day, 2:30 p.m."),
        ("fr", "day, 14:30"),
        ("fr_CA", "day, 14 h 30"),
        ("ar", "day\N{ARABIC COMMA} 2:30 م"),
    ],
)
def test_a_time_stands_behind_its_day_as_the_language_has_it(language: str, said: str) -> None:
    assert " ".join(moment("day", AT, language).split()) == said


def test_a_letter_says_the_hour_of_the_town_in_the_language_of_its_country() -> None:
    composer = Composer(ROOT / "templates", ROOT / "translations", ZoneInfo("America/New_York"))
    environment = composer._make_environment("es-US")
    said = environment.from_string("{{ at | moment }}, {{ _('Yes') }}").render(at=AT)
    assert said == "lunes, 23 de noviembre de 2026, 2:30\N{NARROW NO-BREAK SPACE}p.m., Sí"


def test_every_plural_form_of_a_language_is_asked_for(tmp_path: Path) -> None:
    pseudo.write(tmp_path, "ar", pseudo.arabic)
    spoken = words(tmp_path, "ar")
    said = {spoken.ungettext("%(num)d day", "%(num)d days", count) for count in (0, 1, 2, 5, 11, 100)}
    assert said == {pseudo.arabic("%(num)d day"), pseudo.arabic("%(num)d days")}
    french = words(ROOT / "translations", "fr")
    assert french.ungettext("%(num)d day", "%(num)d days", 0) == "%(num)d jour"


def test_what_is_filled_into_a_sentence_from_right_to_left_stays_together(tmp_path: Path) -> None:
    pseudo.write(tmp_path, "ar", pseudo.arabic)
    said = words(tmp_path, "ar").gettext("Call %(phone)s") % {"phone": "(603) 555-0100"}
    assert said.endswith("\N{FIRST STRONG ISOLATE}(603) 555-0100\N{POP DIRECTIONAL ISOLATE}")
    link = words(tmp_path, "ar").gettext("Photos and your answer: %(link)s")
    assert link.endswith(" %(link)s"), "a mail program would take the mark into the link"
    assert "\N{FIRST STRONG ISOLATE}" not in words(ROOT / "translations", "es").gettext("Call %(phone)s")
