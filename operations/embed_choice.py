"""Which form goes into the town's page, and in which look? Read from the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from casework.office import Office
from colours.accent import is_colour, written_hex
from routing.rulebook import Rulebook, Widget

MODES = ("inline", "dialog", "button")
THEMES = ("", "light", "dark", "auto")
LONGEST = 120
"""Characters of a title, a place or an asset number."""
MOST_STICKERS = 96


@dataclass(frozen=True)
class Choice:
    """What was chosen; every part has a value that works. ``mistakes`` are (field, sentence)."""

    show: str
    """The last part of the form's address: a widget or a service, or "" for everything."""
    widget: Widget | None
    kind: str
    language: str
    """"" follows the page."""
    theme: str
    accent: str
    mode: str
    title: str
    place: str
    assets: tuple[str, ...]
    mistakes: tuple[tuple[str, str], ...] = ()

    @property
    def kept(self) -> dict[str, str]:
        """The fields as the address of the page carries them: not by the names that would change the page."""
        fields = {
            "show": self.show,
            "language": self.language,
            "scheme": self.theme,
            "colour": self.accent,
            "mode": self.mode if self.mode != "inline" else "",
            "title": self.title,
            "place": self.place,
            "assets": " ".join(self.assets),
        }
        return {name: value for name, value in fields.items() if value}

    def path(self) -> str:
        return f"/report/{self.show}" if self.show else "/report"

    def prefill(self) -> dict[str, str]:
        """What the address says about place and asset; a sheet of several assets says none."""
        asset = self.assets[0] if len(self.assets) == 1 else ""
        return {name: value for name, value in (("address", self.place), ("asset", asset)) if value}

    def url(self, base: str, **more: str) -> str:
        """Return the form's address with everything that an address can carry; ``more`` comes first."""
        query = more | self.prefill() | {"lang": self.language, "accent": self.accent.removeprefix("#")}
        if self.theme in ("light", "dark"):
            query["theme"] = self.theme
        said = urlencode({name: value for name, value in query.items() if value})
        return base + self.path() + (f"?{said}" if said else "")

    def bare_url(self, base: str, asset: str = "") -> str:
        """Return the shortest address that leads there: what is printed has no look to carry."""
        query = {"asset": asset, "address": "" if asset else self.place, "lang": self.language}
        said = urlencode({name: value for name, value in query.items() if value})
        return base + self.path() + (f"?{said}" if said else "")

    def words(self, office: Office) -> str:
        """Return the words of the link, in the language of the page it is for."""
        language = self.language or office.rulebook.town.languages[0]
        if self.widget is None:
            service = office.rulebook.services.get(self.show)
            return service.name.said(language) if service else _("Report a problem")
        return (self.widget.button or self.widget.title).said(language)


def chosen(office: Office, given: Mapping[str, str]) -> Choice:
    """Return what the fields of the page say."""
    book, mistakes = office.rulebook, []
    show = given.get("show", "")
    if show and show not in book.widgets and show not in book.services:
        mistakes.append(("show", _("There is no such form or service any more. Choose one of the list.")))
        show = ""
    everything = everything_of(book)
    if everything and show == everything.id:
        show = ""
    accent = given.get("colour", "").strip()
    if accent and not is_colour(accent):
        mistakes.append(("colour", _("Write a color as six hexadecimal digits, as in #803300.")))
        accent = ""
    widget = book.widgets.get(show) if show else everything
    return Choice(
        show=show,
        widget=widget if show not in book.services or show in book.widgets else None,
        kind=widget.kind if widget and show in book.widgets else "report",
        language=_one_of(given.get("language", ""), book.town.languages),
        theme=_one_of(given.get("scheme", ""), THEMES),
        accent=written_hex(accent) if accent else "",
        mode=_one_of(given.get("mode", ""), MODES) or "inline",
        title=_line(given.get("title", "")),
        place=_line(given.get("place", "")),
        assets=tuple(dict.fromkeys(_line(given.get("assets", ""), 3000).replace(",", " ").split()))[
            :MOST_STICKERS
        ],
        mistakes=tuple(mistakes),
    )


def everything_of(book: Rulebook) -> Widget | None:
    """Return the widget whose words the bare address has: the same form, so it is offered once."""
    return next((one for one in book.widgets.values() if one.kind == "report" and not one.services), None)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _line(value: str, longest: int = LONGEST) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())[:longest]
