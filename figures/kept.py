"""How are figures kept, and read again years later? As plain JSON values, with the form they are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from figures.shapes import FORM, Figures


class OtherForm(ValueError):
    """The figures were kept in a form that is not read any more; ``str()`` is a sentence for a person."""

    def __init__(self, form: object) -> None:
        super().__init__(f"these figures were kept in form {form}; this version reads form {FORM}")


def as_json(figures: Figures) -> dict[str, Any]:
    """Return everything as plain JSON values, as it is kept with the edition."""
    plain: dict[str, Any] = _plain(figures)
    return plain


def from_json(plain: Mapping[str, Any]) -> Figures:
    """Return the figures that were kept; raises ``OtherForm``.

    What a later version adds is empty in figures that an earlier one kept.
    """
    if plain.get("form") != FORM:
        raise OtherForm(plain.get("form", 1))
    figures = _read(Figures, plain)
    assert isinstance(figures, Figures)
    return figures


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _read(kind: Any, value: Any) -> Any:
    """Return a plain value as the type says; every type that figures have is known here."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is UnionType:
        wanted = next(one for one in inner if one is not NoneType)
        return None if value is None else _read(wanted, value)
    if origin is tuple:
        of = inner[0] if inner[-1] is Ellipsis else None
        return tuple(_read(of or inner[place], one) for place, one in enumerate(value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _read(inner[1], one) for key, one in value.items()}
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        known = {field.name: hints[field.name] for field in fields(kind)}
        return kind(**{name: _read(hint, value[name]) for name, hint in known.items() if name in value})  # type: ignore[operator]
    return datetime.fromisoformat(value) if kind is datetime else value
