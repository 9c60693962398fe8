"""How are findings about a town's page said? Each with what is wrong, what to do, and what to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from websites.reading import Frame, Link, Script

Kind = Literal["good", "warn", "danger", ""]


@dataclass(frozen=True)
class Finding:
    """``kind`` is good, warn, danger or "" for a plain remark; ``todo`` is empty where all is well."""

    kind: Kind
    what: str
    todo: str = ""
    code: str = ""
    """Something to copy."""


def mode_words(mode: str, count: int) -> str:
    return {
        "inline": ngettext(
            "Link and script are live: the form stands in the page.",
            "Links and script are live: %(num)d forms stand in the page.",
            count,
        ),
        "dialog": ngettext(
            "Link and script are live: the link opens the form in a dialog.",
            "Links and script are live: %(num)d links open the form in a dialog.",
            count,
        ),
        "button": _("Link and script are live: a floating button opens the form."),
    }[mode]


def stripped(link: Link) -> Finding:
    return Finding(
        "warn",
        _("Link and script are there, but the editor has removed data-report: the link stays a link."),
        _("Write the link's address with #inline at its end, which every editor keeps."),
        link.url.partition("#")[0] + "#inline",
    )


def wrong_mode(link: Link) -> Finding:
    return Finding(
        "warn",
        _('A link says data-report="%(mode)s", which nothing understands.', mode=link.mode),
        _("Write inline, dialog or button."),
    )


def foreign(script: Script, ours: str) -> Finding:
    return Finding(
        "danger",
        _("The script comes from %(url)s, which is not this system.", url=script.url),
        _("Load it from here."),
        f'<script async src="{ours}/static/embed.js"></script>',
    )


def frame_faults(frame: Frame) -> Iterator[Finding]:
    if not frame.title:
        yield Finding(
            "warn",
            _("The frame has no title, so screen readers cannot say what it is."),
            _("Give it one."),
            f'title="{_("Report a problem")}"',
        )
    if "geolocation" not in frame.allow:
        yield Finding(
            "warn",
            _('The frame may not ask for the position, so "Use my location" finds nothing.'),
            _("Add this to the frame."),
            'allow="geolocation"',
        )
    if frame.sandbox is not None and not {"allow-scripts", "allow-forms"} & set(
        frame.sandbox.lower().split()
    ):
        yield Finding(
            "danger",
            _("The frame stands in a sandbox that lets nothing be sent."),
            _("Remove sandbox, or give it these words."),
            'sandbox="allow-forms allow-scripts allow-same-origin allow-popups"',
        )


def blocked_words(what: str, name: str) -> str:
    return {
        "script": _("The website's Content-Security-Policy keeps the script out (%(name)s).", name=name),
        "frame": _("The website's Content-Security-Policy keeps the form out (%(name)s).", name=name),
        "form": _(
            "The website's Content-Security-Policy keeps your field from sending (%(name)s).", name=name
        ),
    }[what]


def directive(what: str, name: str) -> str:
    """Where the address belongs: not into default-src, which would let in more than is needed."""
    if name == "default-src":
        return {"script": "script-src 'self'", "frame": "frame-src 'self'"}[what]
    return name
