"""What does an author write who has the WordPress plugin (``wordpress/townline``)? Shortcode or block."""

from __future__ import annotations

import json
import re

from casework.office import Office
from operations.embed_choice import Choice


def _said(choice: Choice, office: Office) -> dict[str, str]:
    """Return what the WordPress plugin (``wordpress/townline``) is told of one choice."""
    said = {
        "widget": choice.show,
        "show": choice.mode if choice.mode != "inline" else "",
        "text": choice.words(office),
        "lang": choice.language,
        "theme": choice.theme,
        "accent": choice.accent,
        "title": choice.title,
        **choice.prefill(),
    }
    return {name: value for name, value in said.items() if value}


def shortcode(choice: Choice, office: Office) -> str:
    """Return the shortcode; as with the block, the plugin's settings know the address."""
    said = _said(choice, office)
    attributes = "".join(f' {name}="{_for_shortcode(value)}"' for name, value in said.items())
    return f"[townline{attributes}]"


def block(choice: Choice, office: Office) -> str:
    """Return the block as the editor writes it."""
    # What could end the comment is written as WordPress writes it.
    written = (
        json.dumps(_said(choice, office), ensure_ascii=False)
        .replace("--", r"\u002d\u002d")
        .replace(">", r"\u003e")
    )
    written = written.replace("<", r"\u003c").replace("&", r"\u0026")
    return f"<!-- wp:townline/form {written} /-->"


def _for_shortcode(value: str) -> str:
    # A shortcode knows no way to write these inside its quotes.
    return re.sub(r"[<>]", "", value.replace('"', "”").replace("[", "(").replace("]", ")"))
