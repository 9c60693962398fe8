"""With which words do mail servers say that they could not deliver?"""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.I)


SERVERS = _any(
    r"mail(?:er)?[-_.]?d(?:a)?emon", r"postmaster", r"mdaemon", r"mail[-_.]?delivery", r"mail[-_.]?router",
    r"microsoftexchange[0-9a-f]{4,40}", r"mrs?-?mailer", r"exchange[-_.]?(?:server|"
    r"admin)", r"bounces?[-_+=]?",
    r"(?:no-?reply|noreply|return|system|sysadmin|admin|mail|smtp|mta|mxlogic|autoreply|daemon|)\n.{0,20}"
    r"(?:mail delivery|postmaster|delivery (?:sub)?system|mailer[- ]daemon|undeliverable|mail system|"
    r"system administrator|administrateur syst|systemadministrator|amministratore di sistema)",
    r"[^\n]{0,80}\n[\"']?(?:mail delivery (?:sub)?system|mailer[- ]daemon|postmaster|microsoft outlook\Z|"
    r"system administrator|systemadministrator|administrador del sistema|administrateur syst.me|"
    r"amministratore di sistema|mail administrator|internet mail delivery|mail delivery service)",
)  # fmt: skip
"""Matched on the local part of From, a line break, and its name."""

SUBJECTS = _any(
    r"\A\s*\W{0,3}(?:undeliver(?:able|ed)|unzustellbar|non ?remis|non distribuable|no se puede entregar|"
    r"onbestelbaar|non recapitabile|impossibile recapitare|n[ãa]o foi poss[ií]vel entregar|n[ãa]o entregue|"
    r"nicht zustellbar|no entregado|entrega fallida|message undeliverable|"
    r"returned mail|returned to sender|mail returned)",
    r"\bdeliver[a-z]{0,4} (?:status )?(?:notification|report|failure|failed|problem|error|has failed)",
    r"\b(?:mail|message|e-?mail) (?:delivery )?(?:failed|failure|error|undeliverable|delivery|"
    r"returned|status report)",
    r"\b(?:failure|failed) (?:notice|mail|delivery|notification|to deliver)", r"\bnon[- ]?delivery\b",
    r"\bundelivered mail\b", r"\bcould ?n[o']t be delivered\b", r"\b(?:can ?not|unable to) deliver\b",
    r"\bnot delivered\b", r"\bmail system error\b", r"\bnondeliverable\b",
    r"\bbounced?\b.{0,20}\b(?:mail|message)\b",
    r"\b(?:warning|delayed?)\b.{0,40}\b(?:mail|message|delivery|send)\b", r"\buser unknown\b",
    r"\bmail could not be\b", r"\bmail not delivered\b", r"\bdsn\b", r"\bfehler bei der (?:zu|aus)stellung\b",
    r"\brapport de non[- ]remise\b", r"\b.chec de (?:la )?(?:remise|distribution)\b",
    r"\bzustellung\b.{0,40}\b(?:fehlgeschlagen|nicht m.glich)\b", r"\bdevoluci.n\b|\bdevuelto\b",
)  # fmt: skip

WORDS = _any(
    r"could not be (?:delivered|reached|sent)", r"(?:did|has|have) not (?:been )?(?:reach|deliver)",
    r"(?:unable|failed) to (?:deliver|send|relay)", r"could ?n[o']t (?:be )?deliver", r"was not delivered",
    r"can ?not be delivered", r"undeliverable|undelivered", r"delivery (?:to|of|has|attempt|status|"
    r"failed|failure)",
    r"permanent (?:fatal )?(?:error|failure)|permanently (?:failed|rejected)", r"fatal errors?",
    r"(?:user|recipient|mailbox|address|account) (?:is )?(?:unknown|not found|unavailable|disabled|"
    r"does not exist|"
    r"doesn't exist|rejected|is full|over quota|has been disabled)",
    r"unknown (?:user|recipient|address|local)", r"no such (?:user|recipient|mailbox|address|person)",
    r"mailbox (?:is )?(?:full|unavailable|disabled)|quota exceeded|over quota", r"\b55[0-4][ -]\d\.\d\.\d",
    r"returned (?:to sender|mail|message)|returning (?:it|the)", r"giving up|given up", r"bounce",
    r"konnte(?:n)? nicht (?:zugestellt|"
    r"gesendet)", r"nicht zugestellt", r"unzustellbar", r"n'a pas pu .tre (?:remis|d)",
    r"n'ont pas pu|pas .t. remis", r"no se (?:pudo|ha podido|puede) entregar", r"no (?:pudo|"
    r"fue posible) (?:ser )?entreg",
    r"non .{0,20}(?:stato recapitato|possibile recapitare|consegna)", r"niet (?:worden )?(?:bezorgd|"
    r"afgeleverd)",
    r"n.o (?:foi|p.de) (?:ser )?(?:poss.vel )?entreg", r"could not send", r"not able to deliver",
)  # fmt: skip

CLEAR_OPENINGS = _any(
    r"\A\s*hi\. this is the qmail-send program", r"\A\s*hi\. this is the \S{1,60} program at \S{1,100}\.?\s",
    r"\A\s*this is the (?:postfix|mail (?:delivery )?system|mail program|mail delivery agent)",
    r"\A\s*this message was created automatically by (?:the )?mail delivery (?:software|system)",
    r"\A\s*(?:message|notification) from \S{1,80}\.\s{1,6}(?:unable|sorry, we were unable) to deliver",
    r"\A\s*sorry, we were unable to deliver your message to the following address",
    r"\A\s*your message did not reach some or all of the intended recipients",
    r"\A\s*delivery (?:to the following (?:recipients?|addresses) (?:failed|has been delayed)|"
    r"has failed to these)",
    r"\A\s*-{2,30} the following addresses had (?:permanent fatal|transient non-fatal) errors",
    r"\A\s*the following message to <[^<>\s]{3,200}> was undeliverable",
    r"\A\s*(?:\W{0,40}\s)?this is an? (?:automatically|auto-?) ?generated delivery status notification",
    r"\A\s*the original message was received at .{5,100}\s+from ",
    r"\A\s*could not deliver message to the following recipient",
    r"\A\s*(?:i'm sorry to have to inform you|\S{1,60} bounced your message)",
)  # fmt: skip
"""At the very start of a text these are written by nobody but a mail server."""

NOT_FINAL = _any(
    r"\bdelayed\b", r"still (?:being )?(?:try|retri)", r"will (?:be )?(?:keep|continue|retr|try)",
    r"do(?:es)? not need to resend|not required to (?:resend|take)", r"this is a warning message only",
    r"warning: (?:message|could not send)", r"transient non-fatal", r"no action is required on your part",
    r"temporar(?:y|ily) (?:delay|"
    r"failure.{0,40}will)", r"\bwird weiter(?:hin)? versucht", r"not yet been delivered",
)  # fmt: skip

BELOW_IS_THE_LETTER = re.compile(
    r"^[ \t>*=_-]{0,40}(?:below this line is a copy|this is a copy of|"
    r"(?:the )?header(?:s)? of the (?:original )?(?:message|mail)|"
    r"original (?:message|e?-?mail)|unsent message|returned (?:message|mail)|message header|"
    r"(?:here|below) is (?:a copy|the)|text of (?:the )?message|undelivered message|"
    r"message text follows|copy of (?:the|your) message|"
    r"(?:your |the )?(?:original )?message (?:follows|headers?|is attached)|start of|"
    r"begin(?:ning)? of)[^\n]{0,120}$"
    r"|^[-_=]{10,120}[ \t]{0,9}$(?=\n(?:received|return-path|message-id|from|date):)",
    re.I | re.M,
)
