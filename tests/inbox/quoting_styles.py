"""How does each mail program quote our letter, in four languages? Builders of replies."""

# Mails are written here as programs write them, long lines too.
# ruff: noqa: E501

from __future__ import annotations

import textwrap
from collections.abc import Callable

LANGUAGES = ("en", "es", "fr", "de")

MARKERS = {
    "en": "Please write your answer above this line.",
    "es": "Escriba su respuesta encima de esta línea.",
    "fr": "Écrivez votre réponse au-dessus de cette ligne, s'il vous plaît.",
    "de": "Bitte schreiben Sie Ihre Antwort über diese Zeile.",
}

_LETTERS = {
    "en": """
Town of Example - Ref 26-0412

POTHOLE

A resident sent this request. It is yours.

Say that you have it by: Tuesday, 3 March, 12:00
Finish it by: Friday, 13 March, 16:00

The resident wrote:

> There is a deep hole in front of the library, and water stands in it after every rain.
> On Monday a bicycle fell.

Place: 12 Main Street
Open and answer:
https://town.example/r/abc234def567

THE RESIDENT
Phone: 603-555-0142

--
You get this as road foreman, public works. The link is for you alone. Please do not pass it on.
Town of Example
Phone: 603-555-0100
E-mail: hall@town.example
""",
    "es": """
Municipio de Ejemplo - Ref 26-0412

BACHE

Una vecina envió esta solicitud. Es suya.

Diga que la tiene antes del: martes, 3 de marzo, 12:00
Termínela antes del: viernes, 13 de marzo, 16:00

La vecina escribió:

> Hay un hoyo profundo delante de la biblioteca y el agua se queda después de cada lluvia.

Lugar: 12 Main Street
Abrir y responder:
https://town.example/r/abc234def567

--
Recibe esto como encargado de calles, obras públicas. El enlace es solo para usted.
Municipio de Ejemplo
Teléfono: 603-555-0100
""",
    "fr": """
Ville d'Exemple - Réf 26-0412

NID-DE-POULE

Une habitante a envoyé cette demande. Elle est à vous.

Confirmez avant le : mardi 3 mars, 12 h 00
Terminez avant le : vendredi 13 mars, 16 h 00

L'habitante a écrit :

> Il y a un trou profond devant la bibliothèque et l'eau y reste après chaque pluie.

Lieu : 12 Main Street
Ouvrir et répondre :
https://town.example/r/abc234def567

--
Vous recevez ceci comme responsable des routes, travaux publics. Le lien n'est que pour vous.
Ville d'Exemple
Téléphone : 603-555-0100
""",
    "de": """
Gemeinde Beispiel - Nr. 26-0412

SCHLAGLOCH

Eine Einwohnerin hat diese Meldung geschickt. Sie gehört Ihnen.

Melden Sie sich bis: Dienstag, 3. März, 12:00
Erledigen Sie es bis: Freitag, 13. März, 16:00

Die Einwohnerin schrieb:

> Vor der Bücherei ist ein tiefes Loch, in dem nach jedem Regen das Wasser steht.

Ort: 12 Main Street
Öffnen und antworten:
https://town.example/r/abc234def567

--
Sie erhalten dies als Leitung Straßen, Bauhof. Der Link ist nur für Sie.
Gemeinde Beispiel
Telefon: 603-555-0100
""",
}

ANSWERS = {
    "en": "The crew filled the hole this morning.\n\nThe sign stays until Friday.\nRoad foreman",
    "es": "La cuadrilla rellenó el bache esta mañana.\n\nLa señal queda hasta el viernes.\nEncargado de calles",
    "fr": "L'équipe a rebouché le trou ce matin.\n\nLe panneau reste jusqu'à vendredi.\nResponsable des routes",
    "de": "Der Bauhof hat das Loch heute früh gefüllt.\n\nDas Schild bleibt bis Freitag.\nLeitung Straßen",
}

TOWN = "Town of Example"
MAIL = "hall+r.abcdefghijkmnpqrstuv@town.example"


def letter(language: str, *, has_marker: bool) -> str:
    """Return our letter as it went out."""
    body = _LETTERS[language].strip()
    return f"{MARKERS[language]}\n\n{body}" if has_marker else body


def marked(text: str) -> str:
    return "\n".join(
        f"> {line}".rstrip() if not line.startswith(">") else f">{line}" for line in text.split("\n")
    )


ATTRIBUTIONS: dict[str, dict[str, str]] = {
    "gmail": {
        "en": f"On Mon, Mar 2, 2026 at 9:14 AM {TOWN} <\n{MAIL}> wrote:",
        "es": f"El lun, 2 mar 2026 a las 9:14, {TOWN} (<{MAIL}>)\nescribió:",
        "fr": f"Le lun. 2 mars 2026 à 09:14, {TOWN} <\n{MAIL}> a écrit :",
        "de": f"Am Mo., 2. März 2026 um 09:14 Uhr schrieb {TOWN} <\n{MAIL}>:",
    },
    "apple": {
        "en": f"On Mar 2, 2026, at 9:14 AM, {TOWN} <{MAIL}> wrote:",
        "es": f"El 2 mar 2026, a las 9:14, {TOWN} <{MAIL}> escribió:",
        "fr": f"Le 2 mars 2026 à 09:14, {TOWN} <{MAIL}> a écrit :",
        "de": f"Am 02.03.2026 um 09:14 schrieb {TOWN} <{MAIL}>:",
    },
    "thunderbird": {
        "en": f"On 3/2/26 09:14, {TOWN} wrote:",
        "es": f"El 2/3/26 a las 9:14, {TOWN} escribió:",
        "fr": f"Le 02/03/2026 à 09:14, {TOWN} a écrit :",
        "de": f"Am 02.03.26 um 09:14 schrieb {TOWN}:",
    },
}

FIELDS = {
    "en": ("From", "Sent", "To", "Subject", "Monday, March 2, 2026 9:14 AM"),
    "es": ("De", "Enviado el", "Para", "Asunto", "lunes, 2 de marzo de 2026 9:14"),
    "fr": ("De", "Envoyé", "À", "Objet", "lundi 2 mars 2026 09:14"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Montag, 2. März 2026 09:14"),
}

ORIGINAL = {
    "en": "Original Message",
    "es": "Mensaje original",
    "fr": "Message d'origine",
    "de": "Ursprüngliche Nachricht",
}

PHONE = {
    "en": "Sent from my iPhone",
    "es": "Enviado desde mi iPhone",
    "fr": "Envoyé de mon iPhone",
    "de": "Von meinem iPhone gesendet",
}


def fields(language: str, *, bold: bool = False) -> str:
    start, sent, to, subject, date = FIELDS[language]
    gap = " " if language == "fr" else ""
    sign = "*" if bold else ""
    values = ((start, f"{TOWN} <{MAIL}>"), (sent, date), (to, "Roads"), (subject, "26-0412"))
    return "\n".join(f"{sign}{label}{gap}:{sign} {value}" for label, value in values)


def _wrapped(text: str) -> str:
    """Wrap as old programs do, which leaves broken lines within the quotation."""
    return "\n".join(
        "\n".join(textwrap.wrap(line, 60, break_long_words=False)) if len(line) > 60 else line
        for line in text.split("\n")
    )


Style = Callable[[str, str, str], str]
"""The answer, our letter and the language -> the whole reply."""


def _under(name: str) -> Style:
    return lambda answer, ours, language: f"{answer}\n\n{ATTRIBUTIONS[name][language]}\n\n{marked(ours)}\n"


STYLES: dict[str, Style] = {
    "gmail": _under("gmail"),
    "apple mail": _under("apple"),
    "thunderbird above": _under("thunderbird"),
    "thunderbird below": lambda answer, ours, language: (
        f"{ATTRIBUTIONS['thunderbird'][language]}\n{marked(ours)}\n\n{answer}\n"
    ),
    "gmail rewrapped": lambda answer, ours, language: (
        f"{answer}\n\n{ATTRIBUTIONS['gmail'][language]}\n\n{marked(_wrapped(ours))}\n"
    ),
    "iphone": lambda answer, ours, language: (
        f"{answer}\n\n{PHONE[language]}\n\n> {ATTRIBUTIONS['apple'][language]}\n> \n{marked(ours)}\n"
    ),
    "outlook": lambda answer, ours, language: f"{answer}\n\n{fields(language)}\n\n{ours}\n",
    "outlook line": lambda answer, ours, language: (
        f"{answer}\n\n________________________________\n{fields(language, bold=True)}\n\n{ours}\n"
    ),
    "outlook express": lambda answer, ours, language: (
        f"{answer}\n\n-----{ORIGINAL[language]}-----\n{fields(language)}\n\n{ours}\n"
    ),
    "outlook phone": lambda answer, ours, language: (
        f"{answer}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n"
        f"{fields(language)}\n\n{ours}\n"
    ),
    "samsung": lambda answer, ours, language: (
        f"{answer}\n\n\n-------- {ORIGINAL[language]} --------\n{fields(language)}\n\n{ours}\n"
    ),
    "windows ends": lambda answer, ours, language: f"{answer}\n\n{fields(language)}\n\n{ours}\n".replace(
        "\n", "\r\n"
    ),
    "glued": lambda answer, ours, language: f"{answer}\n{ATTRIBUTIONS['gmail'][language]}\n{marked(ours)}",
    "signed": lambda answer, ours, language: (
        f"{answer}\n\n-- \nRoads\n603-555-0199\n\n{ATTRIBUTIONS['apple'][language]}\n\n{marked(ours)}"
    ),
    "deeper": lambda answer, ours, language: (
        f"{answer}\n\n{ATTRIBUTIONS['apple'][language]}\n\n{marked(marked(ours))}\n"
    ),
}

NEEDING_OUR_LETTER: dict[str, Style] = {
    "unknown program": lambda answer, ours, _language: f"{answer}\n\n{ours}\n",
    "unknown language": lambda answer, ours, _language: (
        f"{answer}\n\n2026. márc. 2. 9:14 {TOWN} <{MAIL}> ezt üzente:\n\n{ours}\n"
    ),
    "broken accents": lambda answer, ours, language: (
        f"{answer}\n\n{fields(language)}\n\n{ours.encode().decode('cp1252', 'replace')}\n"
    ),
    "no-break spaces": lambda answer, ours, _language: f"{answer}\n\n{ours.replace(' ', chr(0xA0))}\n",
    "outlook below": lambda answer, ours, language: f"{fields(language)}\n\n{ours}\n\n{answer}\n",
    "barred": lambda answer, ours, language: (
        f"{answer}\n\n{ATTRIBUTIONS['apple'][language]}\n\n"
        + "\n".join(f"| {line}" for line in ours.split("\n"))
    ),
}
"""Styles that say nothing of a quotation, or whose quotation only our letter tells from the answer."""
