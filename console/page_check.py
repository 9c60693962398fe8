"""Does the form work on that page of the town's website? ``flask check-page URL``."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict

import click

from casework.office import the_office
from operations.embed_check import Checked, check_page
from operations.embed_findings import Finding
from websites.hosts import hosts

SIGNS = {"good": "ok", "warn": "!", "danger": "!!", "": "-"}
WIDTH = 100


@click.command("check-page")
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check_page_of_town(url: str, as_json: bool) -> None:
    """Say which form is live on a page of the town's website, and what its headers forbid.

    The page is fetched as any visitor would fetch it; only public addresses are asked. Ends with 1
    when the page could not be read, or something keeps the form from working.
    """
    office = the_office()
    websites = hosts(office.rulebook.town.websites, office.base_url, is_demo=office.is_demo)
    checked = check_page(url, ours=office.base_url, websites=websites)
    click.echo(json.dumps(asdict(checked), indent=2, ensure_ascii=False) if as_json else report(checked))
    if checked.mistake or checked.has_danger:
        raise SystemExit(1)


def report(checked: Checked) -> str:
    """Return the findings as lines for a terminal."""
    if checked.mistake:
        return checked.mistake
    return "\n".join([checked.url, *(line for one in checked.findings for line in _lines(one))])


def _lines(one: Finding) -> Iterator[str]:
    said = f"{one.what} {one.todo}".strip()
    yield textwrap.fill(said, WIDTH, initial_indent=f"{SIGNS[one.kind]:>4}  ", subsequent_indent=" " * 6)
    if one.code:
        yield f"          {one.code}"
