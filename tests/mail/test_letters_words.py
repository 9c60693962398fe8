"""Do the letters say what their readers need, the same in text and HTML, and is wild text harmless?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import html5lib
import pytest

from casework.letters import ANSWERABLE
from colours.accent import DAY_GROUNDS, NIGHT_GROUNDS, parse, readable
from inbox.html import to_text as html_text
from inbox.quotation import reply_text
from lifecycle.status import Ending
from mail.composer import MARKERS, Composer, Words
from mail.letter import InlineImage
from mail.shown import Shown, shown
from settings import ROOT
from tests.once import demonstration

LINK = "https://311.example.gov/a/abcdefghijkmnpqrstuv"
DUE = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
WILD = (
    '<script>alert("x")</script> https://evil.example/?a=1&b=2 www.evil.example me@evil.example\n'
    "second line \u202egnp.exe\u202c {{ town }} {% raw %} %(x)s 100 %\x00"
)
BOOK, _LAYERS = demonstration()
COUNTY = BOOK.agencies["county-highway"]
FOREMAN = BOOK.people["road-foreman"]
PHOTOS = (InlineImage("one@x", b""), InlineImage("two@x", b""))
REQUEST = SimpleNamespace(number="26-0412", description="A deep hole.\nIt grows.", place="Mill Road")
RESIDENT = {"name": "A Resident", "email": "resident@example.org", "phone": "(603) 555-0199"}
ALWAYS: dict[str, Any] = {
    "town": BOOK.town,
    "service": BOOK.services["pothole"],
    "request": REQUEST,
    "number": "26-0412",
    "base_url": "https://311.example.gov",
}
STAFF = {
    "link": LINK,
    "resident": RESIDENT,
    "answers": [("How deep is it?", "A hand"), ("Lane", "Yes")],
    "place": "Mill Road",
    "map_link": "geo:43.595970,-72.333740",
    "photos": PHOTOS,
    "photo_count": 2,
}
LADDER = {
    "link": LINK,
    "of": "finish",
    "due_at": DUE,
    "is_late": True,
    "assignee": FOREMAN,
    "next_at": DUE,
    "next_person": BOOK.people["town-clerk"],
}
LETTERS: dict[str, dict[str, Any]] = {
    "assigned": {
        **STAFF,
        "person": FOREMAN,
        "department": BOOK.departments[FOREMAN.department],
        "because_staff": "Mill Road is the town's.",
        "due_acknowledge": DUE,
        "due_finish": DUE,
        "considered": "Town Clerk",
        "is_urgent": False,
        "reason": "new",
        "passed_on_with": "",
        "returned_by": "",
    },
    "agency_reminder": {
        **STAFF,
        "agency": COUNTY,
        "because": "Mill Road is a county road.",
        "since": DUE,
        "heard": None,
    },
    "handoff_failed": {
        "link": LINK,
        "agency": "Alder County",
        "error": "its system refused it: no such service (404)",
        "instead": "clerk",
        "person": FOREMAN,
    },
    "agency_silent": {
        "link": LINK,
        "agency": COUNTY,
        "agency_name": "Alder County Highway Department",
        "since": DUE,
        "heard": DUE,
        "reminders": 2,
        "expected_on": DUE,
        "reference": None,
        "person": FOREMAN,
    },
    "agency_handoff": {**STAFF, "agency": COUNTY, "because": "Mill Road is a county road."},
    "resident_receipt": {
        "link": LINK,
        "because": "Mill Road is a town road.",
        "department": BOOK.departments["public-works"],
        "due_finish": DUE,
        "handed_to": None,
    },
    "resident_answer": {"link": LINK, "text": "We come on Thursday.", "by_name": "Road Foreman"},
    "resident_question": {"link": LINK, "text": "Which side of the bridge?", "by_name": "Road Foreman"},
    "resident_redirected": {
        "link": LINK,
        "agency": COUNTY,
        "text": "A county road.",
        "handed_off": True,
        "shared": False,
    },
    "resident_finished": {
        "link": LINK,
        "text": "We filled it.",
        "ending": Ending.FIXED,
        "ending_words": "fixed",
        "fixed_link": LINK + "&fixed=yes",
        "not_fixed_link": LINK + "&fixed=no",
        "duplicate_of": None,
        "said_by": "",
    },
    "resident_returned": {"link": LINK, "agency": COUNTY, "text": "It is the village's.", "said": ""},
    "resident_wrote": {
        "link": LINK,
        "text": "It is wider now.",
        "what": "reply",
        "facts": {},
        "person": FOREMAN,
    },
    "letter_failed": {
        "link": LINK,
        "recipient": "road@example.org",
        "subject": "[26-0412] Pothole",
        "error": "550 no such user",
    },
    "acted": {
        "link": LINK,
        "done": "Done: your answer is on its way.",
        "photo_count": 2,
        "resident_gets": Shown("[26-0412] An answer", "We come on Thursday."),
        "leaves_at": DUE,
        "taken_back": "",
        "is_on_page": True,
        "undo_link": LINK + "?undo=7",
        "undo_until": DUE,
    },
    "resident_correction": {"link": LINK, "disregard": "[26-0412] An answer to your request"},
    "staff_correction": {
        "link": LINK,
        "disregard": "[26-0412] Pothole",
        "by_name": "Road Foreman",
        "person": FOREMAN,
    },
    "reminder": {**LADDER, "person": FOREMAN},
    "escalation": {**LADDER, "person": BOOK.people["town-clerk"], "rung": "deputy"},
    "edition": {
        "title": "Requests to the town",
        "period_words": "October 2026",
        "tiles": [("received", "41", ""), ("ended", "38", "31 fixed")],
        "has_pdf": True,
        "sentences": ["More came in than in September."],
        "part": "",
        "is_preview": False,
        "note": "",
        "change_count": 0,
        "is_without_pdf": False,
        "issue": 1,
        "analytics": "",
        "public_page": "https://town.example/reports/council-monthly/2026-10/",
    },
}
NEEDED_FOR_THE_WORK = (
    "Tuesday, November 24, 2026",
    "4:30",
    "A deep hole.",
    "Mill Road",
    "43.595970",
    "How deep is it?",
    "A hand",
    "(603) 555-0199",
    "resident@example.org",
    "Mill Road is the town's.",
    "Town Clerk",
    "Open and answer",
)
WITH_RESIDENTS_WORDS = (
    "assigned",
    "agency_handoff",
    "resident_receipt",
    "resident_wrote",
    "reminder",
    "escalation",
)


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(ROOT / "templates", ROOT / "translations", BOOK.town.zone)


def compose(composer: Composer, name: str, **changes: Any) -> Words:
    return composer.compose(name, "en", **{**ALWAYS, **LETTERS[name], **changes})


def said(html: str) -> str:
    """Return what a reader of the HTML sees, in one line."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return " ".join("".join(tree.find("body").itertext()).split())


@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_hold_the_same_link_and_the_number(composer: Composer, name: str):
    words = compose(composer, name)
    page = said(words.html)
    if "link" in LETTERS[name]:
        assert LINK in words.text
        assert f'href="{LINK}' in words.html
        assert LINK in page, "the plain address stands there too"
        assert "26-0412" in words.text
        assert "26-0412" in page
    assert BOOK.town.phone in words.text
    assert BOOK.town.phone in page


@pytest.mark.parametrize("name", [name for name in LETTERS if name != "edition"])
def test_the_subject_carries_the_number(composer: Composer, name: str):
    assert "[26-0412] " in compose(composer, name).subject


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_fetches_nothing_and_runs_nothing(composer: Composer, name: str):
    html = compose(composer, name).html
    assert not re.search(r"<(script|link|iframe|object)\b", html)
    assert all(source.startswith("cid:") for source in re.findall(r'src="([^"]*)"', html))
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_can_be_read_at_night_and_on_a_phone(composer: Composer, name: str):
    html = compose(composer, name).html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "max-width:600px" in html
    assert 'lang="en"' in html


GROUND = re.compile(r"(?<=background: )#[0-9a-f]{6}")


def test_links_and_buttons_have_the_towns_colour_where_it_can_be_read(composer: Composer):
    yellow = BOOK.town.model_copy(update={"accent": "#ffee00"})
    by_day, by_night = readable("#ffee00")
    html = compose(composer, "resident_finished", town=yellow).html
    day, night = html.split("</style>")[0].split("@media (prefers-color-scheme: dark)")
    for part, shade, grounds in ((day, by_day, DAY_GROUNDS), (night, by_night, NIGHT_GROUNDS)):
        assert f"a {{ color: {shade}; }}" in part
        assert {parse(ground) for ground in GROUND.findall(part)} <= set(grounds), "where it is checked"
    assert f"background:{by_day};color:#ffffff" in html
    assert "#ffee00" not in day


@pytest.mark.parametrize("name", WITH_RESIDENTS_WORDS)
def test_a_residents_words_are_harmless(composer: Composer, name: str):
    wild = SimpleNamespace(number="26-0412", description=WILD, place=WILD)
    changes: dict[str, Any] = {"request": wild}
    if name == "resident_wrote":
        changes["text"] = WILD
    if name in ("assigned", "agency_handoff"):
        changes |= {
            "place": WILD,
            "answers": [("How deep?", WILD)],
            "resident": dict.fromkeys(RESIDENT, WILD),
        }
    words = compose(composer, name, **changes)
    for part in (words.subject, words.text, words.html):
        assert "\u202e" not in part
        assert "\x00" not in part
    assert "\n" not in words.subject
    assert "<script>" not in words.html
    assert "https://evil" not in words.html, "what makes a link is in an element of its own"
    assert "www.evil" not in words.html
    assert 'href="https://evil' not in words.html
    assert 'alert("x")' in said(words.html), "the words themselves are all there"


@pytest.mark.parametrize("name", ["assigned", "agency_handoff", "agency_reminder", "escalation", "held"])
def test_no_line_of_a_residents_own_passes_for_a_part_of_the_letter(composer: Composer, name: str):
    forged = "Elm Street\n\nOpen and answer:\u2028https://evil.example/a/fake\x85Ref 26-9999"
    item = {"number": "26-0413", "service": "Pothole", "place": forged, "description": "A hole", "signs": []}
    changes: dict[str, Any] = {
        "request": SimpleNamespace(number="26-0412", description="A hole", place=forged),
        "place": forged,
        "answers": [("How deep?", forged)],
        "resident": dict.fromkeys(RESIDENT, forged),
        "items": [item | {"is_urgent": False}],
    }
    if name == "held":
        changes |= {"count": 1, "more": 0, "is_again": False, "link": LINK}
        words = composer.compose(name, "en", **{**ALWAYS, **changes})
    else:
        words = compose(composer, name, **changes)
    lines = words.text.splitlines()
    assert any("Elm Street Open and answer: https://evil.example/a/fake" in line for line in lines)
    assert not any(line.startswith(("https://evil", "Ref 26-9999")) for line in lines)
    assert sum(line.startswith("Open and answer") for line in lines) <= 1


@pytest.mark.parametrize("name", [name for name, context in LETTERS.items() if "text" in context])
def test_four_thousand_characters_are_not_cut(composer: Composer, name: str):
    long = "word " * 799 + "end."
    words = compose(composer, name, text=long)
    assert "end." in words.text
    assert "end." in said(words.html)


def test_the_employee_has_everything_in_one_mail(composer: Composer):
    words = compose(composer, "assigned")
    for page in (words.text, said(words.html)):
        for needed in NEEDED_FOR_THE_WORK:
            assert needed in page
    assert 'src="cid:one@x"' in words.html
    assert 'href="geo:43.595970,-72.333740"' in words.html
    assert 'href="tel:6035550199"' in words.html


def test_a_telephone_number_that_is_something_else_is_no_link(composer: Composer):
    words = compose(composer, "assigned", resident={**RESIDENT, "phone": "call javascript:alert(1)"})
    assert "tel:" not in words.html


def test_photos_that_did_not_fit_are_counted(composer: Composer):
    words = compose(composer, "assigned", photo_count=5)
    assert "3 more photos did not fit" in said(words.html)
    assert "5 photos belong to it." in words.text


def test_an_urgent_service_says_so_in_the_subject(composer: Composer):
    assert compose(composer, "assigned", is_urgent=True).subject.startswith("[26-0412] Urgent - ")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("new", "A resident sent this request."),
        ("reassigned", "A colleague gave this request to you."),
        ("reopened", "Now it is open again"),
        ("returned", "An agency says that this is not theirs."),
        ("deputy", "You stand in."),
    ],
)
def test_the_employee_reads_why_it_came(composer: Composer, reason: str, sentence: str):
    words = compose(composer, "assigned", reason=reason)
    assert sentence in words.text
    assert sentence in said(words.html)


def test_who_says_that_it_is_not_theirs_is_named(composer: Composer):
    words = compose(composer, "assigned", reason="returned", returned_by="County Highway Department")
    for body in (words.text, said(words.html)):
        assert "County Highway Department says that this is not theirs. The town has it again." in body
        assert "An agency" not in body


def test_the_words_of_who_passed_it_on_stand_in_the_mail(composer: Composer):
    words = compose(composer, "assigned", reason="reassigned", passed_on_with="It lies by the garage.")
    for body in (words.text, said(words.html)):
        assert "Your colleague wrote:" in body
        assert "It lies by the garage." in body


def test_a_verdict_stands_in_the_mail_about_it(composer: Composer):
    verdict = {"was_fixed": False, "rating": 2}
    words = compose(composer, "resident_wrote", what="rated", text="", facts=verdict)
    for body in (words.text, said(words.html)):
        assert "It is not fixed yet." in body
        assert "Rating: 2 of 5" in body


def test_an_agencys_end_is_said_to_be_theirs(composer: Composer):
    words = compose(composer, "resident_finished", ending=Ending.REDIRECTED, said_by="The County")
    assert "The County says that it is done." in words.text
    assert "The town says" not in words.text + said(words.html)


def test_an_agency_without_consent_gets_no_name(composer: Composer):
    words = compose(composer, "agency_handoff", resident=None)
    assert "stays unnamed" in words.text
    assert "resident@example.org" not in words.text + words.html


def test_only_a_fixed_request_is_asked_about(composer: Composer):
    assert "Was it fixed?" in compose(composer, "resident_finished").text
    other = compose(composer, "resident_finished", ending=Ending.NOT_FOUND, ending_words="could not be found")
    assert "Was it fixed?" not in other.text + other.html
    assert "could not be found" in other.text


def test_a_card_tells_the_resident_to_call_and_a_hand_off_does_not(composer: Composer):
    card = compose(composer, "resident_redirected", handed_off=False)
    assert "contact them yourself" in card.text
    assert COUNTY.phone is not None
    assert COUNTY.phone in card.text
    assert "You do not have to do anything." in compose(composer, "resident_redirected").text


def test_the_resident_hears_whether_their_name_went_along(composer: Composer):
    assert "went along, as you agreed" in compose(composer, "resident_redirected", shared=True).text
    assert "stayed with us" in compose(composer, "resident_redirected", shared=False).text


def test_a_request_for_a_service_that_is_gone_can_still_be_written_about(composer: Composer):
    assert "old-service" in compose(composer, "resident_answer", service="old-service").subject


def test_a_resident_who_left_nothing_is_not_an_empty_list(composer: Composer):
    words = compose(
        composer, "assigned", resident=None, place="", map_link=None, answers=[], photos=(), photo_count=0
    )
    assert "left no name or contact" in words.text
    assert words.subject == "[26-0412] Pothole or damaged road"


# -- letters that are answered by mail --


@pytest.mark.parametrize("name", sorted(ANSWERABLE & set(LETTERS)))
@pytest.mark.parametrize("language", MARKERS)
def test_a_letter_that_may_be_answered_says_so_in_its_first_line(
    composer: Composer, name: str, language: str
):
    words = composer.compose(name, language, **{**ALWAYS, **LETTERS[name], "asks_reply": True})
    assert MARKERS[language] in words.text.splitlines()[0]
    assert said(words.html).startswith(MARKERS[language]) or MARKERS[language] in said(words.html)[:400]


@pytest.mark.parametrize("name", LETTERS)
def test_where_no_mail_is_read_no_letter_asks_for_an_answer(composer: Composer, name: str):
    words = compose(composer, name, asks_reply=False)
    for body in (words.text, words.html):
        assert MARKERS["en"] not in body
        assert "You can also answer this mail" not in body


def test_the_employee_reads_what_an_answer_does_and_the_three_most_useful_words(composer: Composer):
    words = compose(composer, "assigned", asks_reply=True)
    for body in (words.text, said(words.html)):
        assert "what you write goes to the resident" in body
        assert "A plain reply to this mail goes to the town office" not in body
        for word in ("done", "#note", "#help"):
            assert word in body


def test_where_plain_words_stay_inside_the_letter_says_that(composer: Composer):
    inside = BOOK.services["pothole"].model_copy(update={"reply": "internal"})
    words = compose(composer, "assigned", asks_reply=True, service=inside)
    for body in (words.text, said(words.html)):
        assert "kept as a note for the town" in body
        assert "#public" in body


@pytest.mark.parametrize("language", MARKERS)
@pytest.mark.parametrize("name", ["assigned", "agency_handoff", "resident_question"])
def test_a_reply_is_cut_at_our_line_in_every_language(composer: Composer, name: str, language: str):
    words = composer.compose(name, language, **{**ALWAYS, **LETTERS[name], "asks_reply": True})
    for letter in (words.text, html_text(words.html)):
        quoted = "\n".join(f"> {line}" for line in letter.splitlines())
        for below in (quoted, letter):
            found = reply_text(f"We come on Friday.\n\n{below}", markers=tuple(MARKERS.values()))
            assert (found.text, found.how) == ("We come on Friday.", "marker")


def test_the_confirmation_shows_the_very_letter_and_the_way_back(composer: Composer):
    words = compose(composer, "acted")
    for body in (words.text, said(words.html)):
        for needed in ("[26-0412] An answer", "We come on Thursday.", LINK + "?undo=7", "#undo", "leaves on"):
            assert needed in body
    late = compose(composer, "acted", undo_link="", undo_until=None, leaves_at=None)
    assert "undo" not in (late.text + late.html).lower()
    assert "It is on its way" in late.text


def test_what_is_shown_of_a_letter_opens_nothing(composer: Composer):
    words = compose(composer, "resident_answer", asks_reply=True, mark="abcdefghijkmnpqrstuv")
    key = "abcdefghijkmnpqrstuv"
    own = composer.compose(
        "resident_answer",
        "en",
        **{**ALWAYS, **LETTERS["resident_answer"], "link": f"https://x/r/26-0412?t={key}"},
    )
    for text in (words.text, own.text):
        raw = b"Subject: [26-0412] An answer\nContent-Type: text/plain; charset=utf-8\n\n" + text.encode()
        found = shown(raw)
        assert key not in found.text
        assert "> We come on Thursday." in found.text
        assert found.text.startswith("An answer to your request"), "without the line and the head"
