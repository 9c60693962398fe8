"""What does a page of the town's website do with the form? Facts become sentences with what to do.

Pure: facts in, findings out, in the reader's language. Fetching and reading happen in ``websites``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from operations.embed_findings import (
    Finding,
    blocked_words,
    directive,
    foreign,
    frame_faults,
    mode_words,
    stripped,
    wrong_mode,
)
from operations.embed_refusals import refusal
from websites.addresses import NotAsked, asked
from websites.fetching import NotFetched
from websites.looking import Looked, look
from websites.policies import Policy, blocking, keeps_place, policies
from websites.reading import MODES, Link


@dataclass(frozen=True)
class Checked:
    """A page that was looked at, or ``mistake``: why it was not."""

    url: str
    findings: tuple[Finding, ...] = ()
    mistake: str = ""

    @property
    def is_live(self) -> bool:
        return any(one.kind == "good" for one in self.findings) and not self.has_danger

    @property
    def has_danger(self) -> bool:
        return any(one.kind == "danger" for one in self.findings)


def check_page(
    url: str,
    *,
    ours: str,
    websites: tuple[str, ...],
    own: tuple[str, ...] = (),
    allow_loopback: bool = False,
) -> Checked:
    """Look at a page of the town's website. Takes up to 15 seconds; never raises for what stands there.

    ``ours`` is this system's own address, ``websites`` the origins that may show the form.
    ``own`` are the origins of the demonstration's own website, which may stand on this machine; a real town
    has none. ``allow_loopback`` is for tests.
    """
    wanted = url.strip()
    if wanted and "://" not in wanted:
        is_own = f"http://{wanted}".startswith(tuple(f"{one}/" for one in own))
        wanted = ("http://" if is_own else "https://") + wanted
    try:
        found = look(wanted, _origin(ours), allow_loopback=allow_loopback, own=own)
    except (NotAsked, NotFetched) as failed:
        return Checked(wanted, mistake=refusal(failed))
    return Checked(found.url, tuple(findings(found, ours=_origin(ours), websites=websites)))


def _origin(base_url: str) -> str:
    return asked(base_url, allow_loopback=True).origin


def findings(found: Looked, *, ours: str, websites: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what there is to say, the live ways first."""
    page = _Page(found, ours, websites)
    yield from page.redirects()
    ways = [*page.links(), *page.frames(), *page.forms(), *page.words()]
    yield from ways
    yield from page.scripts()
    if not ways:
        yield page.nothing()
    yield from page.barriers


class _Page:
    """One page and what can be said about it."""

    def __init__(self, found: Looked, ours: str, websites: tuple[str, ...]) -> None:
        self.found, self.seen, self.ours, self.websites = found, found.seen, ours, websites
        self.script = next((one for one in self.seen.scripts if one.is_ours), None)
        self.upgraded = [one for one in self.seen.links if one.mode in MODES]
        self.policies: tuple[Policy, ...] = policies(
            found.headers.get("content-security-policy", ())
        ) + policies(self.seen.policies)

        self.barriers = [*self.allowed(), *self.blocked()]
        self.is_barred = self.has_frame and any(one.kind == "danger" for one in self.barriers)

    @property
    def has_frame(self) -> bool:
        """Whether the form is to stand in this page."""
        return bool(self.seen.frames or (self.script and self.upgraded))

    def redirects(self) -> Iterator[Finding]:
        if self.found.redirects:
            yield Finding(
                "", _("The address leads on to %(url)s; that page was looked at.", url=self.found.url)
            )

    # -- the ways --

    def links(self) -> Iterator[Finding]:
        if self.upgraded and self.script and self.is_barred:
            yield Finding("", _("Link and script are pasted well; what keeps the form off stands below."))
        elif self.upgraded and self.script:
            for mode in MODES:
                count = sum(one.mode == mode for one in self.upgraded)
                if count:
                    yield Finding("good", mode_words(mode, count))
        elif self.upgraded:
            yield Finding(
                "warn",
                _("The link to the form is there, its script is not: residents get a plain link."),
                _(
                    "Ask whoever may paste scripts to put this line into the footer of the website, once. "
                    "If a tag manager loads it, this check cannot see it."
                ),
                f'<script async src="{self.ours}/static/embed.js"></script>',
            )
        plain = [one for one in self.seen.links if not one.mode]
        if plain and self.script and not self.upgraded:
            yield stripped(plain[0])
        elif plain:
            yield Finding(
                "good",
                ngettext(
                    "A plain link is live: it opens the form on its own page.",
                    "%(num)d plain links are live: they open the form on its own page.",
                    len(plain),
                ),
            )
        yield from (wrong_mode(one) for one in self.seen.links if one.mode and one.mode not in MODES)
        yield from (self._elsewhere(one) for one in self.seen.other)

    def _elsewhere(self, link: Link) -> Finding:
        return Finding(
            "danger",
            _("A link that is marked as the form leads to %(url)s, which is not this system.", url=link.url),
            _("Correct the address of the link. The form's own begins with %(ours)s/report.", ours=self.ours),
        )

    def frames(self) -> Iterator[Finding]:
        for frame in self.seen.frames:
            if self.is_barred:
                yield Finding("", _("A frame with the form is there; what keeps it off stands below."))
            elif frame.is_wordpress:
                yield Finding("good", _("WordPress has turned the address into the form."))
            else:
                yield Finding("good", _("A frame with the form is live."))
            if not frame.is_wordpress:
                yield from frame_faults(frame)

    def forms(self) -> Iterator[Finding]:
        for method in self.seen.forms:
            if method == "get":
                yield Finding("good", _("A field of your own that leads to the form is live."))
            else:
                yield Finding(
                    "danger",
                    _("A form of your page sends its fields in a way that we refuse (method POST)."),
                    _('Remove method="post" from it: the address then carries what was typed.'),
                )

    def words(self) -> Iterator[Finding]:
        if self.seen.as_text:
            yield Finding(
                "danger",
                _("The snippet stands there as words that readers see."),
                _("It was pasted into the visible text. Paste it again in the editor's HTML or source view."),
            )
        elif self.seen.bare and not self.seen.frames:
            yield Finding(
                "warn",
                _("The form's address stands there as plain words, not as a link."),
                _(
                    "Make it a link. In WordPress an address becomes the form when it stands alone "
                    "in a paragraph, with no other word and no link on it."
                ),
            )

    def scripts(self) -> Iterator[Finding]:
        others = [one for one in self.seen.scripts if not one.is_ours]
        if others and not self.script:
            yield foreign(others[0], self.ours)
        if self.script and not self.seen.links:
            yield Finding(
                "warn",
                _("The script is there, and no link to the form that it could turn into one."),
                _("Paste the link where the form should stand."),
            )

    def nothing(self) -> Finding:
        if self.seen.is_drawn:
            return Finding(
                "warn",
                _("Nothing of the form was found: a script draws this page, and this check runs none."),
                _("Open the page in a browser and look whether the form is there."),
            )
        return Finding(
            "warn",
            _("Nothing of the form was found on this page."),
            _("If it was pasted, the editor has taken it away, or the page was not published or is cached."),
        )

    # -- who may show it, and what stands in the way --

    def allowed(self) -> Iterator[Finding]:
        origin = self.found.origin
        if origin in (self.ours, *self.websites):
            if self.has_frame:
                yield Finding("good", _("This website may show the form: %(site)s.", site=origin))
        elif self.has_frame:
            yield Finding(
                "danger",
                _("Browsers keep the form off this page: %(site)s may not show it yet.", site=origin),
                _("Add the website under town in rules.yaml."),
                "websites: [" + ", ".join(f'"{one}"' for one in (*self.websites, origin)) + "]",
            )
        else:
            yield Finding(
                "",
                _(
                    "Before the form can stand in pages of %(site)s, add it to websites in rules.yaml.",
                    site=origin,
                ),
            )

    def blocked(self) -> Iterator[Finding]:
        if self.found.origin.startswith("https:") and self.ours.startswith("http:") and self.has_frame:
            yield Finding(
                "danger",
                _("The page is encrypted and the form is not, so browsers do not load it."),
                _("Give this system an address with https."),
            )
        if self.found.origin.startswith("http:"):
            yield Finding(
                "warn",
                _("The page is not encrypted: others can change it, and it learns no position."),
                _("Have the website served with https."),
            )
        yield from self._by_policy()
        lines = self.found.headers.get("permissions-policy", ())
        if self.has_frame and keeps_place(lines, self.ours):
            yield Finding(
                "warn",
                _('"Use my location" finds nothing: the Permissions-Policy of the website forbids it.'),
                _("Name the form's address in that header. Typing the place works all the same."),
                f'geolocation=(self "{self.ours}")',
            )
        embedder = " ".join(self.found.headers.get("cross-origin-embedder-policy", ())).lower()
        if self.has_frame and "require-corp" in embedder:
            yield Finding(
                "danger",
                _("The website loads nothing of others (Cross-Origin-Embedder-Policy), nor the form."),
                _("Have that header removed for this page, or use a plain link."),
            )

    def _by_policy(self) -> Iterator[Finding]:
        wanted = []
        if self.script and self.upgraded:
            wanted.append(("script", f"{self.ours}/static/embed.js", self.script.nonce))
        if self.has_frame:
            wanted.append(("frame", f"{self.ours}/report", ""))
        if "get" in self.seen.forms:
            wanted.append(("form", f"{self.ours}/report", ""))
        for what, url, nonce in wanted:
            name = blocking(self.policies, what, url, self.found.url, nonce)
            if name:
                yield Finding(
                    "danger",
                    blocked_words(what, name),
                    _("Have whoever looks after the website's headers add this to Content-Security-Policy."),
                    f"{directive(what, name)} {self.ours}",
                )
