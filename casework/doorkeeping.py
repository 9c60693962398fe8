"""Is an address one of ours? Asked while another mail server still has the mail and can tell its sender."""

from __future__ import annotations

from casework.office import Office
from mail.address import looks_like_token, token_hash
from storage import lookups


def is_ours(office: Office, address: str) -> bool:
    """Return whether mail to ``address`` is for the town: its addresses, and those of its letters.

    A reply address must be one that stands in a letter. A bounce comes to the address of any letter
    that ever left, and refusing one would lose it for good: its shape is enough.
    """
    local, _at, domain = address.strip().lower().rpartition("@")
    name, _plus, tag = local.partition("+")
    if f"{name}@{domain}" not in {office.sender.lower(), office.intake_address.lower()}:
        return False
    purpose, dot, mark = tag.partition(".")
    if purpose == "r" and dot:
        return looks_like_token(mark) and lookups.link_by_mark(token_hash(mark)) is not None
    if purpose == "b" and dot:
        return looks_like_token(mark)
    return True
