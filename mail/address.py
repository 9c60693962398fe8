"""Who may open this, and which conversation does it belong to? Tokens and Message-IDs.

A token is 100 bits in lower-case base32 without l, o, 0 and 1, so that it survives being read
aloud, lower-cased by a mail relay and put into the local part of an address. It is derived from the
town's secret and never stored: the database keeps only its hash, and a copy of the database alone
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 20


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


def message_id(number: str, domain: str) -> str:
    """Return a new Message-ID for a letter about a request (or an edition)."""
    return f"<{number}.{_letters(secrets.token_bytes(16), 16)}@{domain}>"


def thread_id(number: str, domain: str) -> str:
    """Return the one id that every letter about a request refers to."""
    return f"<{number}.thread@{domain}>"


def domain_of(address: str) -> str:
    """Return the part behind the @."""
    return address.rpartition("@")[2]
