"""Are new rules tried without harm: every mistake named, the past decided anew, no file let through?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from casework.office import Office
from operations import trial
from operations.checking import rules_file
from operations.trial import MOST_BYTES, Busy, try_rules
from settings import ROOT
from storage.database import reading
from storage.tables import ServiceRequest
from tests.builders import opened

COUNTY_ROAD = (43.60902, -72.33341)
RULES = (ROOT / "rules.yaml").read_text(encoding="utf-8")
NO_CHECKS = RULES[: RULES.index("\nchecks:")] + "\n"
BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


def tried(client, link: str, rules: str, status: int = 200) -> str:
    answer = client.post(link + "rules", data={"rules": rules}, content_type="multipart/form-data")
    assert answer.status_code == status
    return answer.text


def test_the_rules_in_force_change_nothing(client, link: str):
    assert "byte for byte" in tried(client, link, RULES.replace("\n", "\r\n"))


def test_what_would_change_is_told_from_whom_to_whom(client, office: Office, link: str):
    now = datetime.now(UTC)
    numbers = [
        opened(office, now, service="pothole", at=COUNTY_ROAD, may_share=True)[0].number for _ in range(3)
    ]
    opened(office, now)
    page = tried(client, link, NO_CHECKS.replace("handoff: county-highway", "card: county-highway"))
    assert "Of the newest 4 requests, 3 would be decided in another way" in page
    assert "Not the town&#39;s: pass it on" in page
    assert "Not the town&#39;s: show whose it is" in page
    assert all(number in page for number in numbers)
    assert "A Resident" not in page


def test_a_trial_changes_and_keeps_nothing(client, office: Office, link: str):
    _, case = opened(office, datetime.now(UTC), service="pothole", at=COUNTY_ROAD)
    before = rules_file().read_bytes()
    tried(client, link, NO_CHECKS.replace("handoff: county-highway", "card: county-highway"))
    with reading() as session:
        again = session.get_one(ServiceRequest, case.request.id)
    assert (again.decided, again.rules_version) == (case.request.decided, office.rulebook.version)
    assert rules_file().read_bytes() == before
    assert sorted(path.name for path in rules_file().parent.glob("*.yaml")) == ["rules.yaml"]


MISTAKES = {
    "a person who is not there": ("clerk: town-clerk ", "clerk: town-clark ", "did you mean"),
    "an operator who is not there": ("clerk: town-clerk ", "operator: me\nclerk: town-clerk ", "no person"),
    "an unknown key": ("clerk: town-clerk ", "clark: x\nclerk: town-clerk ", "unknown key"),
    "a tab": ("town:\n  name", "town:\n\tname", "indent with spaces only"),
    "a missing map": ("layers/roads.geojson", "layers/rods.geojson", "no file"),
    "a kind that is none": ("kind: roads", "kind: roadz", "roadz"),
    "a golden point": ("handoff: county-highway\n    say", "card: county-highway\n    say", "expected"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_a_sentence_with_its_line(client, link: str, name: str):
    right, wrong, said = MISTAKES[name]
    assert right in RULES, name
    page = tried(client, link, RULES.replace(right, wrong, 1))
    assert "would be refused" in page
    assert said in page
    assert "line " in page


HOSTILE = {
    "nothing": ("", 422),
    "blanks": (" \n \n", 422),
    "no rules": ("- a\n- b\n", 200),
    "a bomb of aliases": (BOMB, 200),
    "an endless alias": ("a: &a [*a]\n", 200),
    "a hundred thousand brackets": ("[" * 100_000, 200),
    "a hundred thousand dashes": ("- " * 100_000, 200),
    "a tag": ("!!python/object/apply:os.system ['true']\n", 200),
    "a version of its own": (RULES.replace("clerk: town-clerk ", "version: a\nclerk: town-clerk ", 1), 200),
    "zero bytes": ("town: \x00\x01", 200),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rules_are_refused_with_a_sentence_and_soon(client, link: str, name: str):
    rules, status = HOSTILE[name]
    begun = time.monotonic()
    page = tried(client, link, rules, status)
    assert time.monotonic() - begun < 20
    assert "would be refused" in page or "Paste the new rules" in page


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_five_megabytes_are_not_even_read(client, link: str, kind: str):
    answer = client.post(link + "rules", data=b"rules=" + b"a" * 5_000_000, content_type=kind)
    assert answer.status_code == 413


def test_a_file_that_is_too_large_is_told_in_a_sentence(client, link: str):
    large = b"# " + b"x" * MOST_BYTES
    answer = client.post(link + "rules", data={"file": (BytesIO(large), "rules.yaml")})
    assert answer.status_code == 413
    assert "more than 400 kB are not taken" in answer.text


def test_a_file_may_be_chosen_instead_of_pasting(client, link: str):
    data = {"file": (BytesIO(RULES.encode()), "rules.yaml"), "rules": "ignored"}
    assert "byte for byte" in client.post(link + "rules", data=data).text


def test_what_is_not_utf8_is_told(client, link: str):
    data = {"file": (BytesIO(b"town: \xff\xfe"), "rules.yaml")}
    assert "not UTF-8 text" in client.post(link + "rules", data=data).text


ESCAPES = [
    "../../etc/passwd",
    "../../etc/passwd.geojson",
    "/etc/passwd",
    "layers/../../secret.json",
    "layers/\\0.geojson",
    "/dev/zero",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_no_map_is_read_from_outside_the_folder_of_the_rules(
    client, office: Office, link: str, path: str, monkeypatch: pytest.MonkeyPatch
):
    read: list[str] = []
    plain = Path.read_bytes

    def noted(self: Path) -> bytes:
        read.append(str(self))
        return plain(self)

    rules = RULES.replace("file: layers/roads.geojson", f'file: "{path}"')
    monkeypatch.setattr(Path, "read_bytes", noted)
    made = try_rules(office, rules.encode(), rules_file(), language="en")
    assert [problem.code for problem in made.errors] in (["layer-outside"], ["layer-name"])
    assert read == []


def test_a_link_out_of_the_folder_is_outside_too(office: Office, tmp_path: Path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (tmp_path / "secret.geojson").write_text("{}")
    (folder / "way.geojson").symlink_to(tmp_path / "secret.geojson")
    rules = RULES.replace("file: layers/roads.geojson", "file: way.geojson")
    made = try_rules(office, rules.encode(), folder / "rules.yaml", language="en")
    assert [problem.code for problem in made.errors] == ["layer-outside"]


def test_other_files_of_the_folder_are_not_maps(office: Office):
    rules = RULES.replace("file: layers/roads.geojson", "file: requirements.txt")
    made = try_rules(office, rules.encode(), rules_file(), language="en")
    assert [problem.code for problem in made.errors] == ["layer-name"]


def test_two_trials_at_once_are_one_too_many(client, office: Office, link: str):
    with trial._busy, pytest.raises(Busy):
        try_rules(office, RULES.encode(), rules_file(), language="en")
    with trial._busy:
        page = tried(client, link, RULES, 503)
    assert "Another trial is running" in page
    assert "Alder Falls: a demonstration" in page


def test_a_trial_ends_when_its_time_is_up_and_says_so(
    client, office: Office, link: str, monkeypatch: pytest.MonkeyPatch
):
    for _ in range(3):
        opened(office, datetime.now(UTC))
    monkeypatch.setattr(trial, "PATIENCE", -1.0)
    assert "time for a trial was up after 0 requests" in tried(client, link, RULES + "\n# new\n")


def test_only_the_newest_requests_are_decided_anew(office: Office, monkeypatch: pytest.MonkeyPatch):
    for _ in range(5):
        opened(office, datetime.now(UTC))
    monkeypatch.setattr(trial, "MOST_REQUESTS", 2)
    made = try_rules(office, (RULES + "\n# new\n").encode(), rules_file(), language="en")
    assert made.simulation is not None
    assert made.simulation.checked == 2
