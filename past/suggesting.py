"""What would a map for this file look like? A guess by the names of its columns, to be put right."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from past.files import Table
from routing.rulebook import Rulebook

LOOKED_AT = 20_000
MOST_VALUES = 40
HINTS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "service request id", "srnumber", "sr number", "case id", "case number", "request id", "ticket",
        "reference", "number", "id", "unique key",
    ),
    "received": (
        "requested datetime", "created date", "created", "date created", "date opened", "opened", "received",
        "date received", "requested", "submitted", "open date", "reported", "date",
    ),
    "closed": (
        "closed datetime", "closed date", "closed", "date closed", "close date", "completed", "resolved",
        "date completed", "finished",
    ),
    "due": ("expected datetime", "due date", "due", "sla date", "target date", "expected"),
    "answered": ("first response", "acknowledged", "acknowledged at", "first answered"),
    "service": (
        "service code", "service name", "request type", "category", "type", "issue type", "complaint type",
        "service", "subject",
    ),
    "status": ("status", "state", "outcome", "resolution", "disposition"),
    "agency": ("agency responsible", "agency", "referred to"),
    "assignee": ("assigned to", "assignee", "department", "owner", "division"),
    "channel": ("source", "channel", "method received", "origin", "open data channel type"),
    "place": ("address", "location", "street address", "incident address", "street"),
    "lat": ("latitude", "lat"),
    "lon": ("longitude", "long", "lon", "lng"),
    "position": ("geolocation", "point", "coordinates", "lat lon"),
    "text": ("description", "details", "comments", "descriptor", "notes", "problem"),
}  # fmt: skip
"""How other systems name what a map names, the surest first."""
ENDED = {
    "fixed": ("closed", "completed", "resolved", "done", "fixed", "archived", "complete"),
    "withdrawn": ("cancelled", "canceled", "withdrawn"),
    "duplicate": ("duplicate", "closed duplicate"),
    "no_action": ("no action", "rejected", "declined", "invalid", "not warranted"),
    "not_found": ("not found", "unable to locate", "gone on arrival"),
    "spam": ("spam",),
    "open": (
        "open", "new", "pending", "in progress", "assigned", "acknowledged", "received", "started",
    ),
}  # fmt: skip


def suggested(table: Table, rulebook: Rulebook, source: str) -> Iterator[str]:
    """Yield the lines of a map for this file."""
    guessed = _columns(table)
    counts = _values(table, [guessed[name] for name in ("service", "status") if name in guessed])
    yield "# A guess. Look at every line; what is wrong is put right or taken out."
    yield f"source: {source}"
    for name, column in guessed.items():
        if name in BY_TABLE:
            yield f"# {name}: {{column: {_quoted(column)}, values: {{...}}}}"
        elif name not in ("service", "status"):
            yield f"{name}: {_quoted(column)}"
        else:
            yield from (f"{name}:", f"  column: {_quoted(column)}", "  values:")
            for value, many in counts[column].most_common(MOST_VALUES):
                meant = _service(value, rulebook) if name == "service" else _outcome(value)
                yield f"    {_quoted(value)}: {meant or '?'}    # {many:,} rows"
    for name in NEEDED:
        if name not in guessed:
            yield f"{name}: ?    # Which column is it? A map must say so."
    unused = [name for name in table.header if name and name not in guessed.values()]
    if unused:
        yield f"# Not used: {', '.join(' '.join(name.split()) for name in unused)}"


def _columns(table: Table) -> dict[str, str]:
    found: dict[str, str] = {}
    free = {_words(name): name for name in table.header if name}
    for field, hints in HINTS.items():
        hit = next((hint for hint in hints if hint in free), None)
        if hit is not None:
            found[field] = free.pop(hit)
    if "lat" in found and "lon" in found:
        found.pop("position", None)
    else:
        for name in ("lat", "lon"):
            found.pop(name, None)
    return found


def _words(name: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", apart.casefold()))


def _values(table: Table, columns: list[str]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {column: Counter() for column in columns}
    spots = {column: table.where(column) for column in columns}
    for many, row in enumerate(table.rows() if columns else ()):
        if many >= LOOKED_AT:
            break
        for column, spot in spots.items():
            value = row.cells[spot].strip() if spot < len(row.cells) else ""
            if value and (value in counts[column] or len(counts[column]) < MOST_VALUES * 10):
                counts[column][value] += 1
    return counts


def _service(value: str, rulebook: Rulebook) -> str:
    """Return the service whose id, name or words are nearest; nothing where none is near."""
    words = _words(value)
    known = {code.replace("-", " "): code for code in rulebook.services}
    said: dict[str, str] = {}
    for code, service in rulebook.services.items():
        known[str(service.name).casefold()] = code
        said |= {_words(word): code for word in service.words}
    close = difflib.get_close_matches(words, known, n=1, cutoff=0.6)
    if close:
        return known[close[0]]
    # The longest of a service's words that stands in the value says most.
    within = [word for word in (*known, *said) if word and f" {word} " in f" {words} "]
    return (known | said)[max(within, key=len)] if within else ""


def _outcome(value: str) -> str:
    words = _words(value)
    return next((ending for ending, said in ENDED.items() if words in said), "")


def _quoted(word: str) -> str:
    # JSON's strings are YAML's too, line breaks and quotation marks included.
    return (
        word
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word) and word.casefold() not in PLAIN_WORDS
        else json.dumps(word)
    )


NEEDED = ("number", "received", "service")
"""Without these no row is a request."""
BY_TABLE = ("agency", "assignee")
"""Fields whose values mean nothing until the town says what: the line is there, and does nothing yet."""
PLAIN_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
"""What YAML takes for something else than words."""
