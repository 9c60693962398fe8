"""Which words does the product have in this language?

The ``messages.po`` files are the only truth: they are read as they stand, once for each language and
process (4 hundredths of a second), so that there is no compiled file that could be left behind.
"""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FILE = Path("LC_MESSAGES") / "messages.po"
OURS = "en"
"""The language in which the sentences stand in the code."""

# Not an address: where mail programs make a link of it, the mark would become its last character.
_NAMES = re.compile(r"%\((?!link\)|url\))\w+\)(?:s|\.\d+f)|\{\w+\}|\b\d+(?:-\d+)+\b")
_APART = "\N{FIRST STRONG ISOLATE}%s\N{POP DIRECTIONAL ISOLATE}"


def languages(folder: Path) -> tuple[str, ...]:
    """Return the languages that the product speaks, as in rules.yaml: English, then by their tags."""
    found = sorted(path.parents[1].name.replace("_", "-") for path in folder.glob(f"*/{FILE}"))
    return (OURS, *(one for one in found if one != OURS))


def words(folder: Path, language: str) -> NullTranslations:
    """Return the words of ``language`` (``es``, ``es-MX`` or ``es_MX``), or of the language without its
    country; where there are none, a catalogue that leaves every sentence as it is.

    Sentences that are marked as fuzzy stay in English. Raises ``PoFileError`` where a file is none.
    """
    tag = language.replace("-", "_")
    for name in (tag, tag.split("_")[0]):
        path = folder / name / FILE
        if path.is_file():
            return _read(path, path.stat().st_mtime_ns)
    return NullTranslations()


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Translations:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parents[1].name, abort_invalid=True)
    if catalogue.locale is not None and catalogue.locale.text_direction == "rtl":
        _keep_apart(catalogue)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _keep_apart(catalogue: Catalog) -> None:
    """Put what is filled in, and numbers with a hyphen, between isolating marks: in a sentence that runs
    from right to left a house number or a telephone number would change places with its neighbours."""
    for one in catalogue:
        if one.id and one.string:
            forms = (one.string,) if isinstance(one.string, str) else one.string
            apart = tuple(_NAMES.sub(lambda name: _APART % name[0], form) for form in forms)
            one.string = apart[0] if isinstance(one.string, str) else apart
