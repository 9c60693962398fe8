"""Which service do these words mean? ``flask find``, with the town's own words or with learned ones.

``find`` needs neither the database nor the secret. Without ``--train`` it uses what the town has
learned, where the data folder holds it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from console.asking import answer_lines, kept_model, loaded, with_rules
from routing.finder import explain, find
from routing.learning import learn
from routing.model import Model
from routing.rulebook import Rulebook

COLUMNS = ("text", "service_code")
MOST_EXPLAINED = 3
csv.field_size_limit(2**24)  # a text of one megabyte is long, not wrong


@click.command("find")
@with_rules
@click.option("--text", help="What the resident writes.")
@click.option(
    "--train",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Learn from this CSV first; its columns are text and service_code.",
)
@click.option("--explain", "is_explained", is_flag=True, help="Say which words spoke for the best three.")
@click.option("--json", "as_json", is_flag=True, help="Print the ranking as JSON.")
@click.option("--batch", is_flag=True, help='Read {"text": …} per line and answer each with one line.')
def find_service(
    rules_file: Path | None,
    data: Path | None,
    text: str | None,
    train: Path | None,
    is_explained: bool,
    as_json: bool,
    batch: bool,
) -> None:
    """Rank the services that a resident's words may mean, with agencies and answers that fit."""
    if text is None and not batch:
        raise click.UsageError("give the words with --text, or lines with --batch")
    book, _layers = loaded(rules_file)
    model = _trained(book, train) if train else kept_model(data)
    if batch:
        answer_lines(lambda row: _ranking(book, model, _text(row), is_explained))
        return
    ranking = _ranking(book, model, text or "", is_explained)
    click.echo(
        json.dumps(ranking, indent=2, ensure_ascii=False) if as_json else "\n".join(_sentences(ranking))
    )


def _trained(book: Rulebook, path: Path) -> Model:
    with _opened(path) as file:
        return learn(book, _examples(book, file, path.name))


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    try:
        # A byte that is not UTF-8 spoils its own letter, not the file.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield file
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read ({error.strerror})") from None


def _examples(book: Rulebook, file: IO[str], name: str) -> Iterator[tuple[str, str]]:
    """Yield (text, service); a line that cannot be learned from is named, and the work goes on."""
    rows = csv.DictReader(file)
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise click.ClickException(
            f"{name}:1: the column {missing[0]} is missing; the first line must be text,service_code"
        )
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            click.echo(f"{name}:{rows.line_num}: not a line of CSV ({error}); left out", err=True)
            continue
        text, code = (row["text"] or "").strip(), (row["service_code"] or "").strip()
        if not text or not code:
            missed = "service_code" if text else "text"
            click.echo(f"{name}:{rows.line_num}: has no {missed}; left out", err=True)
        elif code not in book.services:
            click.echo(f'{name}:{rows.line_num}: no service "{code}" in the rules; left out', err=True)
        else:
            yield text, code


def _text(row: Any) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError('a line is a JSON object such as {"text": "the street light is out"}')
    return str(row["text"])


def _ranking(book: Rulebook, model: Model | None, text: str, is_explained: bool) -> dict[str, Any]:
    found = find(book, text, model)
    ranking: dict[str, Any] = {
        "services": [{"service_code": code, "score": score} for code, score in found.services],
        "agencies": list(found.agencies),
        "answers": list(found.answers),
        "sure": found.sure,
    }
    for row in ranking["services"][:MOST_EXPLAINED] if is_explained else ():
        reasons = explain(book, text, row["service_code"], model)
        row["words"] = [{"word": reason.word, "weight": reason.weight} for reason in reasons]
    return ranking


def _sentences(ranking: dict[str, Any]) -> Iterator[str]:
    for row in ranking["services"]:
        words = ", ".join(reason["word"] for reason in row.get("words", ()))
        yield f"{row['score']:.3f}  {row['service_code']}" + (f"  because of: {words}" if words else "")
    yield from (f"agency {name}" for name in ranking["agencies"])
    yield from (f"answer {name}" for name in ranking["answers"])
    yield "sure" if ranking["sure"] else "not sure: the whole list is shown"
