"""Does our own mail server vouch for the From of this mail?"""

from __future__ import annotations

import re

from .message import Mail

WRITTEN_BY_SENDERS = ("from", "to", "subject", "date", "message-id", "mime-version", "sender", "reply-to")
"""Servers put their findings above these; what stands below came with the mail."""
RESULT = re.compile(r"\s*([a-z0-9-]{1,40})(?:\s*/\s*\d{1,3})?\s*=\s*([a-z]{1,30})\b", re.I)
ALIGNED = re.compile(r"\b(?:header\.d|header\.i|smtp\.mailfrom)\s{0,3}=\s{0,3}\"?([^\s;\"]{1,320})", re.I)
NAMED = re.compile(r"\bheader\.from\s{0,3}=\s{0,3}\"?<?([^\s;\">]{1,320})", re.I)
DOUBTFUL = ("several From headers", "several senders", "no From header", "hides the address")
"""How the reader of mails says that it is not certain who a mail is from."""
MOST = 50


def authenticity(mail: Mail, authserv_id: str) -> str:
    """Return "pass", "fail", "absent" or "forged": what our own server found about the From.

    Only an Authentication-Results header (RFC 8601) counts that carries our own ``authserv_id`` and
    stands above what the sender wrote; our server must remove others of that name, which RFC 8601
    asks of it. "forged": such a header came with the mail, only others vouch for it, or the From is
    not one plain address. A pass for another domain than that of the From, as we read it, is a "fail".
    "absent": nobody says anything. Without an ``authserv_id`` nothing is
    believed and nothing held against anybody: "absent".
    """
    if has_doubtful_from(mail):
        return "forged"
    ours, others = _results(mail, authserv_id.strip().lower())
    for methods in ours:
        dmarc, about = methods.get("dmarc", ("", ""))
        if dmarc in ("pass", "bestguesspass"):
            return "pass" if _is_about(mail.sender.domain, about) else "fail"
        if dmarc in ("fail", "reject", "quarantine"):
            return "fail"
    if ours:
        return "pass" if any(_is_aligned(methods, mail.sender.domain) for methods in ours) else "absent"
    return "forged" if others and authserv_id.strip() else "absent"


def has_doubtful_from(mail: Mail) -> bool:
    """Return whether another program could read another sender, or none, in the From of this mail."""
    return any(doubt in said for said in mail.problems for doubt in DOUBTFUL)


def _is_about(domain: str, properties: str) -> bool:
    """Return whether a finding is about this domain or the one above it, where it says about which."""
    named = [_in_ascii(said.lower().rpartition("@")[2].rstrip(".")) for said in NAMED.findall(properties)]
    return not named or any(f".{_in_ascii(domain)}".endswith(f".{one}") for one in named if "." in one)


def _in_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _results(mail: Mail, ours: str) -> tuple[list[dict[str, tuple[str, str]]], int]:
    """Return what our server found, from the top, and how many such headers others wrote."""
    found, others, is_trace = [], 0, True
    for name, value in mail.headers:
        is_trace = is_trace and name not in WRITTEN_BY_SENDERS
        if name == "authentication-results":
            server, methods = _parsed(value)
            if is_trace and ours and server == ours:
                found.append(methods)
            else:
                others += 1
    return found[:MOST], others


def _parsed(value: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return the server's id and {method: (result, its properties)}; of each method a pass counts first."""
    first, *rest = _without_comments(value).split(";")
    methods: dict[str, tuple[str, str]] = {}
    for piece in rest[:MOST]:
        if said := RESULT.match(piece):
            method, result = said[1].lower(), said[2].lower()
            before, properties = methods.get(method, ("", ""))
            if result == "pass" and not (method == "dmarc" and before):
                # Several signatures: only the properties of the good ones are collected.
                kept = properties if before == "pass" else ""
                methods[method] = (result, f"{kept} {piece[said.end() :]}")
            elif not before:
                methods[method] = (result, piece[said.end() :])
    return (first.split() or [""])[0].lower(), methods


def _without_comments(value: str) -> str:
    kept, depth = [], 0
    for letter in value:
        depth += letter == "("
        if depth == 0:
            kept.append(letter)
        depth -= letter == ")" and depth > 0
    return "".join(kept)


def _is_aligned(methods: dict[str, tuple[str, str]], domain: str) -> bool:
    """Without a DMARC policy: a good signature, or an allowed server, of the very domain in From."""
    for method in ("dkim", "spf"):
        result, properties = methods.get(method, ("", ""))
        if result == "pass" and domain:
            named = [said.lower().rpartition("@")[2] for said in ALIGNED.findall(properties)]
            if domain in named:
                return True
    return False
