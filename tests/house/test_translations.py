"""Do the translations say what the code says: same placeholders, same markup, every plural form?"""

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from tests.house import tree

FILES = sorted((tree.ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[a-z]|\{\w+\}")
TAG = re.compile(r"</?[a-z][^>]*>")


def language(path: Path) -> str:
    return path.parts[-3]


def said(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [one for one in read_po(file, locale=language(path), abort_invalid=True) if one.id]


def forms(words: object) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words or ())  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FILES, ids=language)
def test_a_translated_sentence_keeps_its_placeholders_and_its_markup(path: Path) -> None:
    for one in said(path):
        given = "".join(forms(one.id))
        for words in filter(None, forms(one.string)):
            assert set(PLACEHOLDER.findall(words)) <= set(PLACEHOLDER.findall(given)), one.id
            assert sorted(TAG.findall(words)) == sorted(TAG.findall(forms(one.id)[0])), one.id
        last = forms(one.string)[-1] if any(forms(one.string)) else ""
        if last:
            assert set(PLACEHOLDER.findall(last)) == set(PLACEHOLDER.findall(forms(one.id)[-1])), one.id


@pytest.mark.parametrize("path", FILES, ids=language)
def test_every_plural_form_is_there_and_no_guess_is_left(path: Path) -> None:
    for one in said(path):
        assert not one.fuzzy, one.id
        if any(forms(one.string)):
            assert all(forms(one.string)), one.id
            assert len(forms(one.string)) == len(forms(one.id)), one.id


@pytest.mark.parametrize("path", FILES, ids=language)
def test_what_a_resident_reads_first_is_translated(path: Path) -> None:
    """Whole pages and letters of residents are translated first; script/translate names what is missing."""
    words = {forms(one.id)[0]: forms(one.string)[0] for one in said(path) if any(forms(one.string))}
    for name in ("what", "pick", "where", "whose", "details", "contact", "check", "receipt", "tracking"):
        page = (tree.ROOT / "templates" / "widgets" / f"{name}.html").read_text(encoding="utf-8")
        missing = [
            one
            for one in re.findall(r"_\('((?:[^'\\]|\\.)*)'[,)]", page)
            if one.replace("\\'", "'") not in words
        ]
        assert not missing, f"{name}.html in {language(path)}: {missing}"


def test_every_message_of_the_code_is_in_every_language() -> None:
    """script/translate --check reads the code anew: it names what is missing or guessed in either file."""
    done = subprocess.run(
        [str(tree.ROOT / "script" / "translate"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_says_how_it_is_used() -> None:
    done = subprocess.run(
        [str(tree.ROOT / "script" / "translate"), "--all"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--check" in done.stderr
