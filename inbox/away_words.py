"""With which words do people say, in seven languages, that they are away and until when?"""

from __future__ import annotations

import re

NAMES = (
    (
        "january",
        "jan",
        "enero",
        "ene",
        "janvier",
        "janv",
        "januar",
        "jänner",
        "gennaio",
        "gen",
        "januari",
        "janeiro",
    ),
    (
        "february",
        "feb",
        "febrero",
        "février",
        "fevrier",
        "févr",
        "februar",
        "febbraio",
        "februari",
        "fevereiro",
        "fev",
    ),
    ("march", "mar", "marzo", "mars", "märz", "maerz", "maart", "março", "marco"),
    ("april", "apr", "abril", "abr", "avril", "avr", "aprile"),
    ("may", "mayo", "mai", "maggio", "mag", "mei", "maio"),
    ("june", "jun", "junio", "juin", "juni", "giugno", "giu", "junho"),
    ("july", "jul", "julio", "juillet", "juil", "juli", "luglio", "lug", "julho"),
    ("august", "aug", "agosto", "ago", "août", "aout", "augustus"),
    ("september", "sept", "sep", "septiembre", "setiembre", "septembre", "settembre", "set", "setembro"),
    ("october", "oct", "octubre", "octobre", "oktober", "okt", "ottobre", "ott", "outubro", "out"),
    ("november", "nov", "noviembre", "novembre", "novembro"),
    (
        "december",
        "dec",
        "diciembre",
        "dic",
        "décembre",
        "decembre",
        "déc",
        "dezember",
        "dez",
        "dicembre",
        "dezembro",
    ),
)
MONTHS = {name: number for number, names in enumerate(NAMES, start=1) for name in names}

DAYS = (
    ("monday", "lunes", "lundi", "montag", "lunedì", "lunedi", "maandag", "segunda-feira", "segunda"),
    ("tuesday", "martes", "mardi", "dienstag", "martedì", "martedi", "dinsdag", "terça-feira", "terça"),
    (
        "wednesday",
        "miércoles",
        "miercoles",
        "mercredi",
        "mittwoch",
        "mercoledì",
        "mercoledi",
        "woensdag",
        "quarta-feira",
    ),
    ("thursday", "jueves", "jeudi", "donnerstag", "giovedì", "giovedi", "donderdag", "quinta-feira"),
    ("friday", "viernes", "vendredi", "freitag", "venerdì", "venerdi", "vrijdag", "sexta-feira"),
    ("saturday", "sábado", "sabado", "samedi", "samstag", "sonnabend", "sabato", "zaterdag"),
    ("sunday", "domingo", "dimanche", "sonntag", "domenica", "zondag"),
)
WEEKDAYS = {name: number for number, names in enumerate(DAYS) for name in names}

UNTIL = (
    r"\b(?:until|till|til|through|thru|up to|ending|hasta|jusqu['’]?(?:au|à|en)?|"
    r"bis(?: einschlie(?:ß|ss)lich| zum)?|"
    r"einschlie(?:ß|ss)lich|fino al?|sino al?|tot(?: en met)?|t/m|até(?: ao?)?|ate)\b"
)
BACK = (
    r"\b(?:back|return(?:ing|s)?(?: to (?:the )?(?:office|work))?|in the office again|available again|"
    r"reachable again|resume|de vuelta|de regreso|(?:regres|volver|reincorpor|reanud)\w{1,10}|"
    r"(?:de )?retour|reviens|reviendrai|serai de retour|wieder|zurück|zurueck|ab dem|"
    r"(?:ri)?torn\w{1,6}|rientr\w{1,6}|di nuovo|rientro|terug|weer|(?:estarei )?de volta|"
    r"regress\w{1,6}|voltar\w{1,4}|retorn\w{1,6})\b"
)
SINCE = (
    r"\b(?:from|since|starting|as of|desde|a partir (?:de|du)|du|dès le|vom|von|seit|dal|da|"
    r"vanaf|van|sinds|de|del)\b"
)
RANGE = r"-|–|—|to|through|thru|until|till|al?|au|bis|tot|t/m|até|ao?"

LANGUAGES = {
    "en": re.compile(
        r"\bout of (?:the )?office\b|\bon (?:vacation|leave|holiday|pto|sick leave)\b|\baway\b|"
        r"\bannual leave\b|"
        r"\bi (?:am|will be) (?:currently )?(?:out|unavailable|absent|not in)\b|\bwill (?:return|"
        r"be back)\b|\bi'?ll be back\b|"
        r"\b(?:maternity|paternity|parental) leave\b|\blimited access to (?:my )?e-?mail\b|"
        r"\bback in the office\b|\breturning\b", re.I),
    "es": re.compile(
        r"\bfuera de (?:la |mi )?oficina\b|\bde vacaciones\b|\bausente\b|\bausencia\b|"
        r"\bestar[ée] (?:fuera|de regreso|de vuelta)\b|"
        r"\bme encuentro\b|\bhasta el\b|\bregresar[ée]\b|\bvolver[ée]\b|\bpermiso\b|"
        r"\brespuesta automática\b", re.I),
    "fr": re.compile(
        r"\babsente?\b|\babsence\b|\bcong[ée]s?\b|\ben vacances\b|\bde retour\b|\bjusqu['’]|"
        r"\bje (?:suis|serai)\b|\bbureau\b|"
        r"\bréponse automatique\b|\bindisponible\b", re.I),
    "de": re.compile(
        r"\babwesen(?:d|heit)\w{0,20}\b|\bim urlaub\b|\bnicht (?:im (?:büro|hause?)|erreichbar|"
        r"im dienst)\b|\bau(?:ß|ss)er haus\b|"
        r"\bwieder (?:erreichbar|im|für|da)\b|\bautomatische antwort\b|\belternzeit\b|\bich bin\b|"
        r"\bnicht gelesen\b", re.I),
    "it": re.compile(
        r"\bfuori (?:ufficio|sede)\b|\bin ferie\b|\bassente\b|\bassenza\b|\brientr(?:o|erò|ero)\b|"
        r"\bsarò\b|\btornerò\b|"
        r"\bfino al\b|\brisposta automatica\b", re.I),
    "nl": re.compile(
        r"\bafwezig(?:heid)?\w{0,20}\b|\bop vakantie\b|\bniet (?:aanwezig|op kantoor|bereikbaar)\b|"
        r"\bweer (?:aanwezig|bereikbaar|op kantoor)\b|"
        r"\bmet verlof\b|\bautomatisch antwoord\b|\bik ben\b|\bterug op\b", re.I),
    "pt": re.compile(
        r"\bfora do escrit[óo]rio\b|\bde f[ée]rias\b|\bem f[ée]rias\b|\baus(?:ente|ência)\b|"
        r"\bestarei\b|\baté (?:o dia|ao?|dia)\b|"
        r"\bresposta automática\b|\bregressarei\b|\bvoltarei\b|\blicença\b", re.I),
}  # fmt: skip
"""Words of absence by language: the one with most hits is the language of the answer."""
