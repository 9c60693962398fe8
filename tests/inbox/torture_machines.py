"""What machines send: bounces of many servers, automatic answers in many languages, receipts, invitations."""

from tests.inbox.mails import TOWN, Case, joined, mail, part

LETTER = (
    "Received: from town.example by mx.works.example; Mon, 2 Nov 2026 09:29:00 -0500\r\n"
    f"Message-ID: <26-0412.abc@town.example>\r\nFrom: {TOWN}\r\nTo: gone@works.example\r\n"
    "Subject: Street light, 26-0412\r\n\r\nPlease look after it.\r\n"
)
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.works.example>"
EMPTY_PATH = "Return-Path: <>"
GONE = "gone@works.example"


def report(
    action: str, status: str = "5.1.1", *, subject: str = "Undelivered Mail", sender: str = DAEMON
) -> bytes:
    fields = (
        f"Reporting-MTA: dns; mx.works.example\r\n\r\nFinal-Recipient: rfc822; {GONE}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
    )
    return mail(
        joined(
            part("It could not be delivered."),
            part(fields, "message/delivery-status"),
            part(LETTER, "message/rfc822"),
        ),
        EMPTY_PATH,
        sender=sender,
        subject=subject,
        type='multipart/report; report-type=delivery-status; boundary="edge"',
    )


def text_bounce(text: str, *more: str, subject: str, sender: str = DAEMON) -> bytes:
    return mail(text, *(more or (EMPTY_PATH,)), subject=subject, sender=sender)


def auto(*more: str, subject: str = "Re: Street light", text: str = "I am away.") -> bytes:
    return mail(text, *more, subject=subject)


QMAIL = (
    f"Hi. This is the qmail-send program at mx.works.example.\r\nI'm afraid I wasn't able to deliver your "
    f"message to "
    f"the following addresses.\r\nThis is a permanent error; I've given up.\r\n\r\n<{GONE}>:\r\nno "
    f"mailbox here by that "
    f"name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{LETTER}"
)
EXIM = (
    "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent "
    "could not be "
    f"delivered to one or more of its\r\nrecipients. This is a permanent error.\r\n\r\n  {GONE}\r\n    "
    f"Unknown user\r\n"
)
BOUNCES: dict[str, Case] = {
    "a report": Case(report("failed"), kind="bounce", reason=GONE),
    "a report with a status of 4 that failed": Case(report("failed", "4.4.7"), kind="bounce", reason=GONE),
    "a report that it is late": Case(report("delayed", "4.4.1"), kind="ignored", reason="goes on trying"),
    "a report that it is late, with a status of 5": Case(report("delayed", "5.0.0"), kind="ignored"),
    "a report that it has arrived": Case(report("delivered", "2.0.0"), kind="receipt", reason="has arrived"),
    "a report that it was relayed": Case(report("relayed", "2.0.0"), kind="receipt"),
    "a report with the subject of our letter": Case(
        report("failed", subject="Re: Street light"), kind="bounce"
    ),
    "a report by Exchange": Case(
        report(
            "failed",
            sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@works.example>",
            subject="Unzustellbar: Street light",
        ),
        kind="bounce",
    ),
    "old Exchange": Case(
        text_bounce(
            f"Your message\r\n\r\n  To:      {TOWN}\r\n  Subject: x\r\n\r\ndid not reach the following "
            f"recipient(s):\r\n\r\n{GONE} on Mon\r\n    The recipient name is not recognized\r\n",
            subject="Undeliverable: Street light",
            sender="postmaster@works.example",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "qmail": Case(text_bounce(QMAIL, subject="failure notice"), kind="bounce", reason=GONE),
    "qmail with a sender of no known name": Case(
        text_bounce(QMAIL, "X-A: 1", subject="hello", sender="x@works.example"), kind="bounce", reason=GONE
    ),
    "exim": Case(
        text_bounce(
            EXIM,
            EMPTY_PATH,
            f"X-Failed-Recipients: {GONE}",
            subject="Mail delivery failed: returning message to sender",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "exim, the header alone": Case(
        mail("Nothing said.", f"X-Failed-Recipients: {GONE}", sender="x@works.example"),
        kind="bounce",
        reason=GONE,
    ),
    "exim, late": Case(
        text_bounce(
            "This message was created automatically by mail delivery software.\r\nA message that you sent "
            "has "
            f"not yet been delivered to one or more of its recipients after more than 24 hours.\r\n  "
            f"{GONE}\r\n"
            "No action is required on your part. Delivery attempts will continue.",
            subject="Warning: message 1 delayed 24 hours",
        ),
        kind="ignored",
        reason="goes on trying",
    ),
    "postfix without its report": Case(
        text_bounce(
            "This is the mail system at host mx.works.example.\r\n\r\nI'm sorry to have to inform you "
            "that your "
            f"message could not\r\nbe delivered to one or more recipients.\r\n\r\n<{GONE}>: user unknown\r\n",
            subject="Undelivered Mail Returned to Sender",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "yahoo": Case(
        text_bounce(
            f"Message from works.example.\r\nUnable to deliver message to the following address(es).\r\n\r\n"
            f"<{GONE}>:\r\nThis user doesn't have an account here\r\n",
            subject="Delivery failure",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "sendmail": Case(
        text_bounce(
            "The original message was received at Mon, 2 Nov 2026 09:30:00 -0500\r\nfrom town.example\r\n\r\n"
            f"   ----- The following addresses had permanent fatal errors -----\r\n<{GONE}>\r\n",
            subject="Returned mail: see transcript for details",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "Lotus Notes": Case(
        text_bounce(
            f"------- Failure Reasons  --------\r\n\r\nUser not listed\r\n{GONE}\r\n\r\n"
            f"------- Returned Message --------\r\n{LETTER}",
            subject="Undeliverable message",
            sender="postmaster@works.example",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "in German": Case(
        text_bounce(
            f"Ihre Nachricht konnte nicht zugestellt werden:\r\n{GONE}",
            subject="Nicht zustellbar",
            sender="postmaster@works.example",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "in Spanish": Case(
        text_bounce(
            f"No se pudo entregar el mensaje a {GONE}",
            subject="No se puede entregar: aviso",
            sender="postmaster@works.example",
        ),
        kind="bounce",
        reason=GONE,
    ),
    "a person who answers a bounce": Case(
        mail(
            "What does this mean?\r\n> Delivery has failed to these recipients",
            subject="Re: Undeliverable: lamp",
        ),
        text="What does this mean?\n> Delivery has failed to these recipients",
    ),
    "a person who forwards a bounce": Case(
        mail(
            "Please look.\r\n\r\nThis message was created automatically by mail delivery software.",
            subject="Fwd: Mail delivery failed",
        )
    ),
    "a person who writes of undelivered mail": Case(
        mail(
            "The post was not delivered, the mailbox is full of snow.",
            subject="Mail not delivered on Mill Road",
        )
    ),
    "a postmaster who writes of deliveries": Case(
        mail(
            "The delivery to your office is planned for Monday.",
            sender="postmaster@works.example",
            subject="New lamps",
        )
    ),
    "a postmaster who is a person": Case(
        mail("We have repaired the lamp.", sender="postmaster@works.example", subject="Re: Street light")
    ),
}

AUTOMATIC: dict[str, Case] = {
    "Auto-Submitted: auto-replied": Case(auto("Auto-Submitted: auto-replied"), reason="Auto-Submitted"),
    "Auto-Submitted: auto-generated; a parameter": Case(auto("Auto-Submitted: auto-generated; owner=x")),
    "Auto-Submitted: with a comment": Case(auto("Auto-Submitted: auto-replied (vacation)")),
    "X-Autoreply": Case(auto("X-Autoreply: yes"), reason="x-autoreply"),
    "X-Autorespond": Case(auto("X-Autorespond: away"), reason="x-autorespond"),
    "Precedence: auto_reply": Case(auto("Precedence: auto_reply"), reason="Precedence"),
    "Precedence: bulk and its subject": Case(auto("Precedence: bulk", subject="Your message was received")),
    "no way back and its subject": Case(auto("Return-Path: <>", subject="Re: lamp, I am on leave")),
    "subject in English": Case(auto(subject="Automatic reply: Street light"), reason="subject"),
    "subject in English, out of office": Case(auto(subject="Out of Office: back Monday")),
    "subject in English, old Outlook": Case(auto(subject="Out of Office AutoReply: lamp")),
    "subject in Spanish": Case(auto(subject="Respuesta automática: farola")),
    "subject in French": Case(auto(subject="Réponse automatique : lampadaire")),
    "subject in French, absent": Case(auto(subject="Absent du bureau jusqu'au 3 novembre")),
    "subject in German": Case(auto(subject="Automatische Antwort: Laterne")),
    "subject in German, a note": Case(auto(subject="Abwesenheitsnotiz: Laterne")),
    "subject in Italian": Case(auto(subject="Risposta automatica: lampione")),
    "subject in Dutch": Case(auto(subject="Automatisch antwoord: lantaarn")),
    "subject in Portuguese": Case(auto(subject="Resposta automática: poste")),
}
PEOPLE: dict[str, Case] = {
    "Auto-Submitted: no": Case(auto("Auto-Submitted: no")),
    "X-Auto-Response-Suppress": Case(auto("X-Auto-Response-Suppress: All")),
    "Precedence: bulk alone": Case(auto("Precedence: bulk")),
    "an answer to an automatic answer": Case(auto(subject="Re: Automatic reply: lamp")),
    "a subject that begins like one": Case(auto(subject="Vacation rental without a permit")),
    "a sign that is absent, in French": Case(auto(subject="Absence de panneau rue du Moulin")),
    "an automobile, in German": Case(auto(subject="Auto: seit Wochen auf dem Gehweg")),
    "a group's list": Case(auto("List-Id: <crew.works.example>", "Precedence: list")),
}
INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Site visit\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def invitation(method: str, text: str = "") -> bytes:
    return mail(
        joined(part(text), part(INVITATION.format(method), f"text/calendar; method={method}")),
        type='multipart/alternative; boundary="edge"',
        subject="Site visit",
    )


def receipt(subject: str, *more: str) -> bytes:
    fields = f"Final-Recipient: rfc822;{GONE}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    return mail(
        joined(part("Your message was displayed."), part(fields, "message/disposition-notification")),
        *more,
        subject=subject,
        type='multipart/report; report-type=disposition-notification; boundary="edge"',
    )


ARF = joined(
    part("This is an abuse report."),
    part("Feedback-Type: abuse\r\nVersion: 1\r\n", "message/feedback-report"),
    part(LETTER, "message/rfc822"),
)
OTHERS: dict[str, Case] = {
    "a complaint": Case(
        mail(ARF, type='multipart/report; report-type=feedback-report; boundary="edge"', subject="complaint"),
        kind="complaint",
        reason="spam",
    ),
    "a complaint sent by a program that says so": Case(
        mail(ARF, "Auto-Submitted: auto-generated", type="multipart/report; boundary=edge"), kind="complaint"
    ),
    "a receipt": Case(receipt("Read: Street light"), kind="receipt", reason="shown"),
    "a receipt that calls itself automatic": Case(
        receipt("Gelesen: Laterne", "Auto-Submitted: auto-replied"), kind="receipt"
    ),
    "a receipt in words alone": Case(
        mail(
            "Your message was read on Monday.", "Auto-Submitted: auto-replied", subject="Read: Street light"
        ),
        kind="receipt",
    ),
    "an invitation": Case(invitation("REQUEST"), kind="calendar", reason="request"),
    "an accepted invitation": Case(invitation("REPLY"), kind="calendar", reason="reply"),
    "a cancelled one": Case(invitation("CANCEL"), kind="calendar", reason="cancel"),
    "an invitation that a person attaches": Case(
        mail(
            joined(
                part("Please come to this site visit."),
                part(INVITATION.format("REQUEST"), "text/calendar; name=visit.ics"),
            ),
            type='multipart/mixed; boundary="edge"',
        ),
        attachments=(("visit.ics", "text/calendar"),),
    ),
    "a calendar file that a person sends": Case(
        mail(
            joined(
                part("Here is my calendar."), part(INVITATION.replace("METHOD:{}\r\n", ""), "text/calendar")
            ),
            type='multipart/mixed; boundary="edge"',
        )
    ),
    "a letter of ours, by X-Loop": Case(mail("x", "X-Loop: town.example"), kind="loop", reason="X-Loop"),
    "a letter of ours, by its Message-ID": Case(
        mail("x", "Message-ID: <26-0412.abc@town.example>", "Auto-Submitted: auto-generated"),
        kind="loop",
        reason="Message-ID",
    ),
    "an employee whose program uses the town's domain": Case(
        mail("Done.", "Message-ID: <11-22@town.example>", sender="crew@town.example"), text="Done."
    ),
    "X-Loop of somebody else": Case(mail("x", "X-Loop: other.example")),
    "a newsletter": Case(
        mail("Buy lamps.", "Precedence: bulk", "List-Unsubscribe: <mailto:x@shop.example>"),
        kind="ignored",
        reason="newsletter",
    ),
    "a provider's statistics": Case(
        mail(
            joined(part("See."), part("x", "text/plain; name=r.xml")),
            subject="Report domain: town.example",
            type="multipart/mixed; boundary=edge",
        ),
        kind="ignored",
        reason="statistics",
    ),
}


CASES: dict[str, Case] = {
    **{f"bounce: {name}": case for name, case in BOUNCES.items()},
    **{
        f"automatic: {name}": Case(case.raw, kind="auto_reply", reason=case.reason)
        for name, case in AUTOMATIC.items()
    },
    **{f"a person: {name}": case for name, case in PEOPLE.items()},
    **{f"machine: {name}": case for name, case in OTHERS.items()},
}
