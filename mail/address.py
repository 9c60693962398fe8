"""Who may open this, and which conversation does it belong to? Tokens and Message-IDs.

A token is 100 bits in lower-case base32 without l, o, 0 and 1, so that it survives being read
aloud, lower-cased by a mail relay and put into the local part of an address. It is derived from the
town's secret and never stored: the database keeps only its hash, and a copy of the database alone
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 20
LONGEST_LOCAL = 64  # octets; RFC 5321
_SLASH = "(?:/|%2F)"
KEYS = re.compile(
    rf"({_SLASH}(?:a|still|operations|approve){_SLASH}|(?:\?|&|%3F|%26)[td](?:=|%3D)|\+[rb]\.|\b\d{{2}}-\d{{4,9}}\s{{1,3}})"
    rf"[{ALPHABET}]{{{TOKEN_LENGTH}}}(?![a-z0-9])",
    re.IGNORECASE,
)
"""Where a key stands in a letter of ours: in its links, in the address for replies, in its last line."""


def _letters(digest: bytes, length: int) -> str:
    number = int.from_bytes(digest, "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(length))


def token(secret: bytes, purpose: str, number: str, recipient: str, serial: int = 0) -> str:
    """Return the token for one recipient and purpose of one request (20 letters, 100 bits)."""
    words = "\n".join(("townline link", purpose, number, recipient, str(serial)))
    return _letters(hmac.new(secret, words.encode(), hashlib.sha256).digest(), TOKEN_LENGTH)


def token_hash(value: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(value.lower().encode()).hexdigest()


def looks_like_token(value: str) -> bool:
    """Return whether it has the shape of a token, before anything is looked up."""
    return len(value) == TOKEN_LENGTH and all(letter in ALPHABET for letter in value.lower())


def without_keys(text: str) -> str:
    """Return words that somebody wrote, without the keys of our letters.

    Who answers between the lines sends the whole letter back, and the next one reads what they wrote.
    """
    return KEYS.sub(r"\1…", text)


def message_id(number: str, domain: str) -> str:
    """Return a new Message-ID for a letter about a request (or an edition)."""
    return f"<{number}.{_letters(secrets.token_bytes(16), 16)}@{domain}>"


def thread_id(number: str, domain: str) -> str:
    """Return the one id that every letter about a request refers to."""
    return f"<{number}.thread@{domain}>"


def reply_token(secret: bytes, number: str, recipient: str) -> str:
    """Return the mark by which a reply of this recipient (an e-mail address) is known; it opens no page.

    It travels in headers and quotations, through address books and logs, so it is another one than the
    token of the signed link. It follows from what the outbox keeps of each letter.
    """
    return token(secret, "reply", number, recipient.lower())


def reply_address(sender: str, mark: str) -> str:
    """Return ``<local>+r.<token>@…``, which tells whose reply it is, of which request."""
    return _tagged(sender, f"r.{mark}")


def bounce_address(sender: str, mark: str) -> str:
    """Return ``<local>+b.<token>@…``, the envelope sender, which tells whose letter came back."""
    return _tagged(sender, f"b.{mark}")


def _tagged(sender: str, tag: str) -> str:
    local, _at, domain = sender.rpartition("@")
    tagged = f"{local}+{tag}"
    # Beyond that no server must take it. References and the mark in the body say the same.
    return f"{tagged}@{domain}" if len(tagged) <= LONGEST_LOCAL else sender


def is_same_mailbox(one: str, other: str) -> bool:
    """Return whether two addresses are one, whatever the case of their ASCII letters.

    Other letters stay as they are: in a domain, those that merely fold to the same are somebody else's.
    """
    return one.encode("utf-8", "replace").lower() == other.encode("utf-8", "replace").lower()


def domain_of(address: str) -> str:
    """Return the part behind the @."""
    return address.rpartition("@")[2]
