"""How does the form get onto a page of the town's website? Every way, from the best to the plainest.

Each rung is text to copy. What a website takes away decides how far down one has to go; on the lowest
the resident still has an address, a number and a mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from flask_babel import force_locale
from flask_babel import gettext as _

from casework.office import Office
from colours.accent import readable
from operations.embed_choice import Choice
from operations.embed_plugin import block, shortcode

HEIGHT = 900
"""Pixels of a frame that nobody tells its height: the longest step of the form fits mostly."""


@dataclass(frozen=True)
class Rung:
    """One way: ``code`` is what is copied, ``lines`` how high its field is."""

    id: str
    name: str
    when: str
    code: str
    is_code: bool = True

    @property
    def lines(self) -> int:
        return min(9, sum(1 + len(line) // 92 for line in self.code.split("\n")))


def snippet(choice: Choice, office: Office, base: str) -> str:
    """Return link and script; the preview shows this very snippet."""
    return f"<p>{_link(choice, office, base)}</p>\n{_script(base)}"


def ladder(choice: Choice, office: Office) -> tuple[Rung, ...]:
    """Return every rung for one choice."""
    base = office.base_url
    rungs = [
        Rung(
            "script",
            _("Link and script"),
            _best(choice.mode),
            snippet(choice, office, base),
        ),
        Rung(
            "footer",
            _("The script alone, once for the whole website"),
            _("For an administrator: into the footer or header. Authors then paste only the link below."),
            _script(base),
        ),
        Rung(
            "link",
            _("Link for authors"),
            _("Where the script stands in the footer. It also works where an editor removes data-report."),
            _hash_link(choice, office, base),
        ),
        Rung(
            "address",
            _("Only the address"),
            _("WordPress turns an address that stands alone in a paragraph into the form, for every role."),
            choice.url(base),
            is_code=False,
        ),
        Rung(
            "wordpress",
            _("WordPress with the plugin"),
            _("A shortcode, alone in a paragraph. Works for every role."),
            shortcode(choice, office),
        ),
        Rung(
            "block",
            _("The same as a block"),
            _("Type /request form in WordPress's editor and choose beside it, or paste this there."),
            block(choice, office),
        ),
        Rung(
            "frame",
            _("A frame without script"),
            _("For editors that take an iframe and no script. Its height stays as it is written."),
            _frame(choice, office, base),
        ),
    ]
    if choice.kind == "report":
        rungs.append(
            Rung(
                "form",
                _("A field of your own"),
                _("One field in your page; the rest on the form's own page. Needs neither script nor frame."),
                _form(choice, office, base),
            )
        )
    rungs += [
        Rung(
            "button",
            _("A link that looks like a button"),
            _("Works in every editor and in newsletters. Where its style is removed, a link is left."),
            _button(choice, office, base),
        ),
        Rung(
            "contact",
            _("Telephone and e-mail"),
            _("For whoever does not use the form. It belongs beside each of the ways above."),
            "\n".join(contact(choice, office)),
            is_code=False,
        ),
    ]
    return tuple(rungs)


def _best(mode: str) -> str:
    return {
        "inline": _("The best: the form stands in the page. Needs an editor that keeps scripts."),
        "dialog": _("The best: the link opens the form above the page. Needs an editor that keeps scripts."),
        "button": _("The best: a floating button opens the form. Needs an editor that keeps scripts."),
    }[mode]


def _link(choice: Choice, office: Office, base: str) -> str:
    """Return the link; its address says all that was chosen, so it opens the same form without the script."""
    said = {"data-theme": choice.theme if choice.theme == "auto" else "", "data-title": choice.title}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in said.items() if value)
    return (
        f'<a href="{escape(choice.url(base))}" data-report="{choice.mode}"{attributes}>'
        f"{escape(choice.words(office), quote=False)}</a>"
    )


def _hash_link(choice: Choice, office: Office, base: str) -> str:
    address = choice.url(base, theme=choice.theme, title=choice.title)
    return f'<a href="{escape(address)}#{choice.mode}">{escape(choice.words(office), quote=False)}</a>'


def _script(base: str) -> str:
    return f'<script async src="{escape(base)}/static/embed.js"></script>'


def _frame(choice: Choice, office: Office, base: str) -> str:
    title = choice.title or choice.words(office)
    return (
        f'<iframe src="{escape(choice.url(base, embed="1"))}" title="{escape(title)}"\n'
        f'        allow="geolocation" width="100%" height="{HEIGHT}" style="border:0"></iframe>'
    )


def _form(choice: Choice, office: Office, base: str) -> str:
    hidden = "".join(
        f'  <input type="hidden" name="{name}" value="{escape(value)}">\n'
        for name, value in (("lang", choice.language), ("accent", choice.accent.removeprefix("#")))
        if value
    )
    with force_locale((choice.language or office.rulebook.town.languages[0]).replace("-", "_")):
        where, go = _("Where is it?"), choice.words(office)
    return (
        f'<form action="{escape(base + choice.path())}">\n{hidden}'
        f'  <label>{escape(where)} <input name="address" value="{escape(choice.place)}"></label>\n'
        f"  <button>{escape(go, quote=False)}</button>\n</form>"
    )


def _button(choice: Choice, office: Office, base: str) -> str:
    own = choice.widget.accent if choice.widget else None
    day, _night = readable(choice.accent or own or office.rulebook.town.accent)
    style = (
        f"display:inline-block;padding:.75em 1.25em;border-radius:.4em;background:{day};color:#fff;"
        "font-weight:600;text-decoration:none"
    )
    words = escape(choice.words(office), quote=False)
    return f'<a href="{escape(choice.url(base))}" style="{style}">{words}</a>'


def contact(choice: Choice, office: Office) -> list[str]:
    """Return the lines for whoever calls, writes or comes, in the language of the page they are for."""
    town = office.rulebook.town
    language = choice.language or town.languages[0]
    with force_locale(language.replace("-", "_")):
        lines = [_("Call %(phone)s", phone=town.phone), _("Write to %(email)s", email=town.email)]
        if town.address:
            lines.append(_("Come to %(address)s", address=town.address.said(language)))
    return lines


def short(url: str) -> str:
    """Return an address as people read and type it."""
    return url.partition("://")[2]
