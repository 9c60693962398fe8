"""Which languages does the product not have? Two made up for tests: one in Arabic letters, one far too long.

Both are made of the messages that the other languages must have anyway, and served as those are: a
``messages.po`` in a folder of translations.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from gettext import c2py
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from flask import Flask, Response, request
from waitress.server import BaseWSGIServer, create_server

import app as roof
from languages.catalogues import FILE
from settings import ROOT, Settings
from storage.database import db
from tests.builders import demo_rules
from tests.conftest import SECRET
from tests.journeys.town import free_port

KEPT = re.compile(r"(%\(\w+\)[\d.]*[a-z]|%%|\{\w*\}|<[^>]+>|&\w+;|#\w+)")
"""What a translator leaves alone: names to be filled in, tags, marks that letters are answered with."""
LETTERS = dict(
    zip("abcdefghijklmnopqrstuvwxyz", "ابكدهفغحيجكلمنوبقرستعوشخيز", strict=True)
) | {"?": "؟", ",": "،", ";": "؛"}  # fmt: skip


def arabic(words: str) -> str:
    """Return the words in Arabic letters, sound by sound: nothing that anybody could read as Arabic."""
    return _but_for_marks(words, lambda part: "".join(LETTERS.get(one, one) for one in part.lower()))


def long(words: str) -> str:
    """Return the words 40 % longer, as German or Finnish would be, and with the vowels marked."""
    return _but_for_marks(words, lambda part: re.sub(r"([aeou])", "\\1\\1\u0302", part))


def _but_for_marks(words: str, change: Callable[[str], str]) -> str:
    parts = KEPT.split(words)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def write(folder: Path, language: str, change: Callable[[str], str]) -> None:
    """Write ``language`` into a folder of translations, with every plural form that it has."""
    with (ROOT / "translations" / "fr" / FILE).open("rb") as file:
        known = read_po(file, locale="fr")
    made = Catalog(locale=language)
    for one in known:
        if not one.id:
            continue
        said: str | tuple[str, ...]
        if isinstance(one.id, str):
            said = change(one.id)
        else:
            # Nought is a form of its own in Arabic; only one alone is said as one.
            single = c2py(str(made.plural_expr))(1)
            said = tuple(change(one.id[at != single]) for at in range(made.num_plurals))
        made.add(one.id, said, context=one.context, flags=one.flags)
    path = folder / language / FILE
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, made)


def host(language: str, direction: str) -> str:
    """Return a page of the town's own in its other language, with the snippet and a dialog."""
    here = request.host_url.replace("localhost", "127.0.0.1")
    return (
        f'<!doctype html><html lang="{language}" dir="{direction}"><title>A</title><meta charset="utf-8">'
        '<link rel="icon" href="data:,"><meta name="viewport" content="width=device-width">'
        f'<p><a href="{here}report/streets" data-report="inline">Report</a>'
        f'<p><a id="dialog" href="{here}report" data-report="dialog">Report</a>'
        f'<p><a href="{here}report/trash" data-report="button">Report</a>'
        f'<script async src="{here}static/embed.js"></script>'
    )


@contextmanager
def served(
    data: Path, database: Path, language: str, change: Callable[[str], str]
) -> Iterator[tuple[Flask, str]]:
    """Serve the demonstration town in the made-up ``language`` and in English; yield it and its address."""
    port, translations = free_port(), data / "translations"
    shutil.copytree(ROOT / "translations", translations)
    write(translations, language, change)
    shutil.copytree(ROOT / "layers", data / "layers")
    shutil.copy(database, data / "townline.sqlite3")
    (data / "rules.yaml").write_text(demo_rules(language, "en"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roof, "TRANSLATIONS", translations)
        app = roof.create_app(
            Settings(data=data, rules=data / "rules.yaml", secret=SECRET, demo=True, port=port)
        )
        direction = Locale.parse(language).text_direction
        policy = {"Content-Security-Policy": "default-src * data: 'unsafe-inline'"}
        app.add_url_rule("/host", view_func=lambda: Response(host(language, direction), headers=policy))
        sockets: dict[int, Any] = {}
        server = create_server(app, host="127.0.0.1", port=port, threads=4, map=sockets)
        assert isinstance(server, BaseWSGIServer)
        threading.Thread(target=server.run, daemon=True).start()
        yield app, f"http://127.0.0.1:{port}"
        server.pull_trigger()
        server.close()
        with app.app_context():
            db.engine.dispose()
