"""Why was a page not looked at? Each reason as a sentence with what to do."""

from __future__ import annotations

from flask_babel import gettext as _

from websites.addresses import NotAsked
from websites.fetching import ALTOGETHER, LARGEST, MOST_REDIRECTS, NotFetched


def refusal(failed: NotAsked | NotFetched) -> str:
    """Return the sentence."""
    if isinstance(failed, NotAsked):
        return _not_asked(failed.because, failed.host)
    return _not_fetched(failed.because, failed.host, failed.detail)


def _not_asked(because: str, host: str) -> str:
    return {
        "not-an-address": _(
            "That is not the address of a web page. Copy it from the browser's address line."
        ),
        "not-the-web": _("Only addresses that begin with https:// or http:// are looked at."),
        "with-password": _("An address with a name and a password in it is not looked at. Leave them out."),
        "other-port": _("Only websites on the usual ports (80 and 443) are looked at."),
        "no-such-name": _("There is no website called %(host)s, or its name cannot be found now.", host=host),
        "not-public": _(
            "%(host)s leads to this machine or into an inner network. Only public pages are looked at.",
            host=host,
        ),
    }[because]


def _not_fetched(because: str, host: str, detail: str) -> str:
    return {
        "too-many-redirects": _("The page leads on and on: more than %(count)d times.", count=MOST_REDIRECTS),
        "bad-redirect": _("The page leads on to an address that is none."),
        "certificate": _(
            "The certificate of %(host)s is not in order (%(detail)s). Browsers would warn residents too.",
            host=host,
            detail=detail,
        ),
        "too-slow": _(
            "The page did not come within %(seconds)d seconds. Please try again.", seconds=ALTOGETHER
        ),
        "no-answer": _("%(host)s does not answer as a website does.", host=host),
        "cut-off": _("The page broke off half-way. Please try again."),
        "status": _(
            "%(host)s answers %(detail)s instead of the page. Is it published, and open without a password?",
            host=host,
            detail=detail,
        ),
        "not-html": _("That is no web page but %(detail)s.", detail=detail),
        "too-large": _("The page is larger than %(size)d MB and was let go.", size=LARGEST // 1024 // 1024),
        "unknown-coding": _(
            "The page came packed in a way that was not asked for (%(detail)s).", detail=detail
        ),
        "unreadable": _("The page could not be read."),
    }.get(because, because)
