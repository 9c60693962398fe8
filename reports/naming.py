"""What does the town call the things that figures name by id?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _

from figures.shapes import OUTSIDE, UNKNOWN
from reports.charts import MAIN


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

    def service(self, code: str) -> str:
        return self.services.get(code, code)

    def agency(self, name: str) -> str:
        return self.agencies.get(name, name) or _("not named")

    def department(self, name: str) -> str:
        return self.departments.get(name, name) or _("no department")

    def person(self, name: str) -> str:
        return self.people.get(name, name) or _("nobody")

    def widget(self, name: str) -> str:
        return self.widgets.get(name, name) or _("not known")

    def page(self, name: str) -> str:
        return name or _("not known")

    def ward(self, name: str) -> str:
        if name == UNKNOWN:
            return _("Place not known")
        return _("Outside all wards") if name == OUTSIDE else name

    def channel(self, name: str) -> str:
        return {
            "widget": _("Online form"), "web": _("Online form"), "mail": _("E-mail"), "phone": _("Telephone"),
            "counter": _("At the counter"), "open311": _("Other programs"), "import": _("Imported"),
        }.get(name, name)  # fmt: skip

    def tongue(self, name: str) -> str:
        """Return a language's name in the language of the report."""
        try:
            locale = Locale.parse(self.language.replace("-", "_"))
            return str(Locale.parse(name.replace("-", "_")).get_display_name(locale) or name)
        except (UnknownLocaleError, ValueError):
            return name

    @property
    def direction(self) -> str:
        """``rtl`` for languages that are written from the right."""
        try:
            return str(Locale.parse(self.language.replace("-", "_")).text_direction)
        except (UnknownLocaleError, ValueError):
            return "ltr"
