"""What kinds of words, numbers and times may stand in ``rules.yaml``?"""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

from languages.said import FIRST, Said

ID_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names of this very machine: nothing that is sent there travels."""
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class Text(RootModel[str | dict[str, str]]):
    """Words of the town's own: one sentence for every language, or one per language tag."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _are_words(cls, value: Any) -> Any:
        # One clear sentence here instead of pydantic's two, one for each half of the union.
        if isinstance(value, dict):
            wrong = [tag for tag, words in value.items() if not isinstance(words, str)]
            if wrong or not value:
                raise ValueError(
                    f"expected words for each language; found none for {', '.join(map(str, wrong)) or 'any'}"
                )
        elif not isinstance(value, (str, cls)):
            raise PydanticCustomError("string_type", "Input should be a valid string")
        return value

    def said(self, language: str = "en") -> Said:
        """Return the words in ``language``, else in the first language that the file gives."""
        if isinstance(self.root, str):
            return Said(self.root, FIRST)
        for tongue in (language, language.partition("-")[0]):
            if words := self.root.get(tongue):
                return Said(words, tongue)
        tongue, words = next(iter(self.root.items()))
        return Said(words, tongue)

    def __str__(self) -> str:
        return self.said()


def as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _plain_id(value: str) -> str:
    if not ID_PATTERN.fullmatch(value):
        raise ValueError(
            f'"{value}" is not an id: use small letters, digits and single hyphens, as in "road-foreman"'
        )
    return value


def _origin(value: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", value):
        raise ValueError(
            f'"{value}" is not a website address: write it as https://www.example.gov, without a path'
        )
    return value


def _service_address(value: str) -> str:
    parts = urlsplit(value)
    host = parts.hostname or ""
    if (
        parts.scheme not in ("https", "http")
        or not host
        or any((parts.username, parts.query, parts.fragment))
    ):
        raise ValueError(
            f'"{value}" is not the address of a service: write it as https://311.example.gov/open311/v2'
        )
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError(f'"{value}" sends what residents wrote readably over the network: write https://')
    if re.search(r"/(requests|services|tokens)(\.\w+)?/?$", parts.path):
        raise ValueError(f'"{value}" is the address of one list: write it without the last part')
    if len(value) > 300:
        raise ValueError(f"the address has {len(value)} characters; at most 300 are kept")
    return value.rstrip("/")


def _colour(value: str) -> str:
    if not HEX_COLOUR.fullmatch(value):
        raise ValueError(f'"{value}" is not a colour: write six hexadecimal digits, as in "#14532d"')
    return value.lower()


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'no time zone "{value}": write one as in "America/New_York"') from None
    return value


def _tag(value: str) -> str:
    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError):
        raise ValueError(
            f'no language "{value}" is known: write its tag, as in "en", "es" or "pt-BR"'
        ) from None
    return value


def _email(value: str) -> str:
    # Exactly what a letter can be addressed to: another one would stop the residents' reports, not the start.
    if not re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@([a-z\d-]+\.)+[a-z\d-]+", value, re.A | re.I):
        raise ValueError(f'"{value}" is not an e-mail address that letters can be sent to')
    if len(value) > 254:
        raise ValueError(f'"{value}" is not an e-mail address: it has {len(value)} characters')
    return value


def _clock_time(value: Any) -> Any:
    # YAML 1.1 reads an unquoted 16:30 as the base-60 number 990; take it as the time it was meant to be.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    return value


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _send_day(value: str) -> str:
    if value in WEEKDAYS or value in ("last day", "last business day"):
        return value
    found = re.fullmatch(r"(business day|day) ([1-9]\d?)", value)
    if not found or int(found[2]) > (28 if found[1] == "business day" else 31):
        raise ValueError(
            f'"{value}" is not a day to send on: write "business day 3", "day 5", "last business day", '
            '"last day" or a weekday such as "monday"'
        )
    return value


Id = Annotated[str, AfterValidator(_plain_id)]
Origin = Annotated[str, AfterValidator(_origin)]
ServiceAddress = Annotated[str, AfterValidator(_service_address)]
Colour = Annotated[str, AfterValidator(_colour)]
Zone = Annotated[str, AfterValidator(_zone)]
SendDay = Annotated[str, AfterValidator(_send_day)]
Email = Annotated[str, AfterValidator(_email)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Words = Annotated[tuple[str, ...], BeforeValidator(as_list)]
"""One word or a list of words; a scalar in the file is a list of one."""
AnyOf = Annotated[tuple[str, ...], BeforeValidator(as_list), Field(min_length=1)]
"""Words of which any may hold. An empty list is a mistake: it would match everything."""

Tags = Annotated[
    tuple[Annotated[str, AfterValidator(_tag)], ...], BeforeValidator(as_list), Field(min_length=1)
]
"""Language tags, one at least, as in ``en`` or ``pt-BR``."""


def span(value: Any) -> Any:
    if isinstance(value, str):
        found = re.fullmatch(r"(\d+)\s*(office hours?|working days?|days?)", value.strip())
        if not found:
            raise ValueError(
                f'"{value}" is not a span: write "4 office hours", "3 working days" or "10 days"'
            )
        return {"count": int(found[1]), "unit": found[2].rstrip("s")}
    return value


class Value(BaseModel):
    """A frozen part of the rulebook; unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
