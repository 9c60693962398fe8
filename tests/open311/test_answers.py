"""Is every answer either understood or refused, whatever stands in it?"""

from __future__ import annotations

import pytest

from open311 import answer
from open311.report import LONGEST_DESCRIPTION, Contact, Report, fields


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'[{"service_request_id": "7"}]', "7"),
        (b'\xef\xbb\xbf {"service_request_id": 7}', "7"),
        (b'{"service_requests": [{"service_request_id": 7}]}', "7"),
        (
            b"<service_requests><request>"
            b"<service_request_id> 7 </service_request_id></request></service_requests>",
            "7",
        ),
        (b"<request><service_request_id>7</service_request_id></request>", "7"),
        (b'<r xmlns="urn:x"><q><service_request_id>7</service_request_id></q></r>', "7"),
        (b'[{"service_request_id": null}]', ""),
        (b"[]", ""),
        (b"[1, 2]", ""),
    ],
)
def test_a_number_is_found(body: bytes, found: str):
    assert answer.reference(answer.rows(body)) == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"[" * 100_000,
        b'{"a": ',
        b"<a><b></a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<!doctype html><title>Sign in</title>",
        bytes(range(256)),
    ],
)
def test_what_is_no_answer_is_not_understood(body: bytes):
    with pytest.raises(answer.NotUnderstood):
        answer.rows(body)


def test_a_number_that_cannot_be_kept_is_refused():
    for value in ("x" * 121, "7\n8"):
        with pytest.raises(answer.NotUnderstood):
            answer.reference([{"service_request_id": value}])


def test_errors_become_one_harmless_sentence():
    found = answer.rows(
        b'[{"code": 400, "description": "no\\u202esuch\\nservice."}, {"description": "no place"}]'
    )
    assert answer.errors(found) == "no such service (400); no place"
    assert answer.errors([{"service_request_id": "7", "description": "A hole"}]) == ""
    assert len(answer.errors([{"description": "x" * 5000}])) == answer.LONGEST_SENTENCE


def report(**changes: object) -> Report:
    plain: dict[str, object] = {
        "service_code": "POT",
        "jurisdiction_id": "",
        "at": (43.6, -72.3),
        "place": "Mill Road",
        "words": "A deep hole.",
        "before": "Ref 26-0412",
        "after": ["How deep? A hand", "Passed on by Alder Falls."],
        "contact": None,
    }
    return Report(**(plain | changes))  # type: ignore[arg-type]


def test_a_report_says_which_what_and_where():
    assert fields(report()) == {
        "service_code": "POT",
        "description": "Ref 26-0412\n\nA deep hole.\n\nHow deep? A hand\nPassed on by Alder Falls.",
        "lat": "43.600000",
        "long": "-72.300000",
    }


def test_without_a_point_the_place_goes_in_words():
    assert fields(report(at=None))["address_string"] == "Mill Road"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ada Mary Private", "Ada Mary", "Private"), ("Private", "Private", None), ("", None, None)],
)
def test_a_contact_is_given_in_its_parts(name: str, first: str | None, last: str | None):
    found = fields(report(contact=Contact(name, "a@example.org", "")))
    assert (found.get("first_name"), found.get("last_name")) == (first, last)
    assert found["email"] == "a@example.org"
    assert "phone" not in found


def test_very_long_words_are_cut_and_our_reference_is_not():
    said = fields(report(words="x" * 9000))["description"]
    assert len(said) <= LONGEST_DESCRIPTION
    assert said.startswith("Ref 26-0412")
    assert said.endswith("Passed on by Alder Falls.")
