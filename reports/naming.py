"""What does the town call the things that figures name by id?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _

from figures.shapes import OUTSIDE, UNKNOWN
from reports.charts import MAIN

LONGEST = 160
"""No name of a service, road or ward is longer; what is will be cut, so that no table is torn apart."""
LONGEST_NOTE = 2000
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""What cannot be seen and changes what is: control characters, and those that turn the order of writing."""


def shown(words: str, longest: int = LONGEST) -> str:
    """Return words as they may stand in a document: nothing unseen in them, and not without end."""
    plain = UNSEEN.sub("", words[: 4 * longest])
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _shown(names: Mapping[str, str]) -> dict[str, str]:
    return {name: shown(words) for name, words in names.items()}


@dataclass(frozen=True)
class Naming:
    """The town's words."""

    town: str
    title: str
    services: Mapping[str, str]
    agencies: Mapping[str, str]
    email: str
    phone: str
    language: str = "en"
    paper: str = "letter"
    is_demo: bool = False
    accent: str = MAIN
    """The town's colour, dark enough to be read on white."""
    accent_night: str = "#8cbfe6"
    """The same for dark pages."""
    departments: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    widgets: Mapping[str, str] = field(default_factory=dict)
    residents: int | None = None
    currency: str = ""
    """Three letters; empty where the town has written no rates."""

    def __post_init__(self) -> None:
        for name in ("town", "title", "email", "phone"):
            object.__setattr__(self, name, shown(getattr(self, name)))
        for name in ("services", "agencies", "departments", "people", "widgets"):
            object.__setattr__(self, name, _shown(getattr(self, name)))

    def service(self, code: str) -> str:
        return self.services.get(code, shown(code))

    def agency(self, name: str) -> str:
        return self.agencies.get(name, shown(name)) or _("not named")

    def department(self, name: str) -> str:
        return self.departments.get(name, shown(name)) or _("no department")

    def person(self, name: str) -> str:
        return self.people.get(name, shown(name)) or _("nobody")

    def widget(self, name: str) -> str:
        return self.widgets.get(name, shown(name)) or _("not known")

    def page(self, name: str) -> str:
        return shown(name) or _("no page of a website")

    def ward(self, name: str) -> str:
        if name == UNKNOWN:
            return _("Place not known")
        return _("Outside all wards") if name == OUTSIDE else shown(name)

    def channel(self, name: str) -> str:
        return {
            "widget": _("Form on a website"), "page": _("Form opened by its link"), "web": _("Online form"),
            "mail": _("E-mail"), "phone": _("Telephone"), "counter": _("At the counter"),
            "open311": _("Other programs"), "import": _("Imported"),
        }.get(name, shown(name))  # fmt: skip

    def tongue(self, name: str) -> str:
        """Return a language's name in the language of the report."""
        try:
            locale = Locale.parse(self.language.replace("-", "_"))
            return str(Locale.parse(name.replace("-", "_")).get_display_name(locale) or name)
        except (UnknownLocaleError, ValueError):
            return shown(name)

    @property
    def direction(self) -> str:
        """``rtl`` for languages that are written from the right."""
        try:
            return str(Locale.parse(self.language.replace("-", "_")).text_direction)
        except (UnknownLocaleError, ValueError):
            return "ltr"
