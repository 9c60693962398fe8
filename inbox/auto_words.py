"""Which subjects do automatic answers carry, in the languages of the people who are away?"""

from __future__ import annotations

import re

ALONE = (
    r"\s*(?:\Z|[:;!.–—-]|\(|\bre\b|\bbis\b|\buntil\b|\btill\b|\bhasta\b|\bjusqu|\bfino\b|\btot\b|"
    r"\bat[ée]\b|\bvom\b|\bfrom\b|(?:du|del?|van|dal) \d|\d)"
)
"""After a phrase that a person may begin a subject with as well."""

AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:\[[^\]\n]{1,40}\]\s*|\*{2,3}\s*)?(?:"
    # English
    r"automatic (?:reply|response|answer)|auto(?:matic|mated)?[ -]?(?:repl(?:y|ied)|response|respond|answer)|"
    r"autoreply|autoresponse|automatically generated (?:reply|response)|"
    r"out[ -]of[ -](?:the[ -])?office (?:auto[ -]?reply|automatic|reply|response|notification|"
    r"message|notice|:)|"
    r"(?:ooo|o\.o\.o\.|ooto)\s*:|vacation (?:reply|response|message|notice|auto)|away (?:message|"
    r"notice|from my mail)|"
    r"(?:i am|i'm) (?:currently )?(?:out of (?:the )?office|on (?:vacation|holiday|leave)|away)|"
    # Spanish
    r"respuesta autom[aá]tica|respuesta de (?:ausencia|vacaciones)|autorespuesta|"
    r"contestaci[oó]n autom[aá]tica|"
    r"mensaje autom[aá]tico|"
    # French
    r"r[ée]ponse automatique|message automatique|message d['’]absence|notification d['’]absence|"
    r"avis d['’]absence|"
    # German
    r"automatische (?:antwort|abwesenheit|r[üu]ckmeldung|e-?mail|nachricht)|abwesenheits?(?:notiz|"
    r"benachrichtigung|meldung|nachricht|"
    r"agent|assistent|info)|autom(?:atische|\.) antwort|autoantwort|urlaubs(?:benachrichtigung|"
    r"meldung|notiz)|"
    # Italian
    r"risposta automatica|messaggio automatico|notifica di assenza|avviso di assenza|"
    # Dutch
    r"automatisch(?:e)? (?:antwoord|beantwoord|reactie|bericht)|afwezigheids(?:bericht|melding|assistent)|"
    # Portuguese
    r"resposta autom[aá]tica|mensagem autom[aá]tica|aviso de aus[êe]ncia|notifica[çc][ãa]o de aus[êe]ncia|"
    # others met often
    r"automaattinen vastaus|automatisk svar|autosvar|frånvaro|automatick[áa] odpov|odpowied[źz] automatyczna|"
    r"автоответ|自動応答|自动(?:回复|答复)|自動回覆|"
    # phrases that must stand alone
    r"(?:out[ -]of[ -](?:the[ -])?office|on (?:vacation|holiday|leave)|vacation|absent|away|"
    r"fuera de (?:la )?oficina|ausente|ausencia|de vacaciones|absence(?: du bureau)?|"
    r"absente? du bureau|en cong[ée]s?|"
    r"abwesend|abwesenheit|nicht im b[üu]ro|im urlaub|urlaub|fuori (?:ufficio|sede)|"
    r"assente(?: dall['’]ufficio)?|assenza|in ferie|"
    r"afwezig|afwezigheid|niet aanwezig|op vakantie|fora do escrit[óo]rio|"
    r"aus[êe]ncia(?: tempor[áa]ria)?|em f[ée]rias)"
    rf"{ALONE})",
    re.I,
)  # fmt: skip

BULK_SUBJECT = re.compile(
    r"\bauto(?:matic|mated)?[ -]?(?:re(?:ply|sponse)|generated)|\bout of (?:the )?office\b|"
    r"\b(?:vacation|on leave|away)\b|"
    r"\bautom[aá]tica\b|\bautomatique\b|\bautomatische?\b|\bautomatica\b|\bautomatisch\b|\babwesen|"
    r"\babsen(?:t|ce)\b|\bausen(?:te|cia)\b|"
    r"\bassen(?:te|za)\b|\bafwezig|\baus[êe]n|\b(?:has been|was) received\b|\breceived your\b|"
    r"\bthank you for (?:contacting|your (?:e-?mail|message))|"
    r"\beingangsbest|\baccus[ée] de r[ée]ception\b|\bacuse de recibo\b|\bconferma di ricezione\b|"
    r"\bontvangstbevestiging\b|"
    r"\bconfirma[çc][ãa]o de rece[bp]|\b(?:ticket|case) (?:created|received|#)",
    re.I,
)
"""Together with a header that machines send."""

REPORT_SUBJECT = re.compile(
    r"\s*(?:(?:\[[^\]\n]{1,40}\]\s*)?report domain:|dmarc (?:aggregate )?report|tls[ -]?rpt|"
    r"dmarc\b.{1,80}\breport)",
    re.I,
)
