"""Which words end a mail without belonging to what its writer says?

The lines a telephone or a program adds ("Sent from my iPhone") and the legal paragraphs of organisations.
Lower case; a line is one of these when it *begins* so (SENT, LEGAL) or when it fits a pair (SENT_PAIRS).
"""

from __future__ import annotations


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase for phrase in (" ".join(part.split()) for part in text.split("|")) if phrase)


SENT = _phrases(
    """
    sent from my | sent from mail for | sent from outlook | sent from yahoo | sent from samsung |
    sent from mobile | sent from proton | sent from gmail | sent from windows | sent from android |
    sent from iphone | sent from ipad | sent from blackberry | sent from nine | sent from aol |
    sent from workspace | sent from mailbird | sent from spark | sent from boxer | sent from alto |
    sent by my | sent by galaxy | sent on the go | get outlook for | typed on my | written on my |
    composed on my | please excuse typos | please excuse any typos | please excuse my brevity |
    excuse brevity | this email was sent from | this message was sent from my |
    this email has been checked for viruses | virus-free. | this email has been scanned |
    gesendet von mein | gesendet mit | gesendet mit der | von meinem | von meiner | von unterwegs gesendet |
    diese nachricht wurde von | diese nachricht wurde mit | holen sie sich outlook | laden sie outlook |
    outlook für ios | outlook für android | gesendet über | gesendet aus | gesendet vom | envoyé de mon |
    envoyé de ma | envoyé depuis | envoyé à partir de | envoyé avec | envoyé via | télécharger outlook |
    obtenez outlook | obtenir outlook | envoyé par mon | provenance : courrier | enviado desde |
    enviado con | enviado de meu | enviado do meu | enviado do | enviado de mi | enviado a partir |
    enviado via | obtener outlook | obtenga outlook | descargar outlook | mandado desde | obter outlook |
    obter o outlook | baixe o outlook | inviato da | inviato dal | inviato con | inviata da |
    ottieni outlook | scarica outlook | verzonden met | verzonden vanaf | verzonden via | verstuurd vanaf |
    verstuurd met | verstuurd via | verstuurd vanuit | download outlook | sendt fra | sendt via |
    sendt med | hent outlook | få outlook | skickat från | från min | skickades från | skaffa outlook |
    hämta outlook | lähetetty | hanki outlook | wysłane z | wysłano z | pobierz aplikację outlook |
    odesláno z | odoslané z | získat outlook | poslano z | poslano s | получить outlook | отправлено с |
    отправлено из | отправлено от | відправлено з | надіслано з | στάλθηκε από | απεσταλμένο από |
    iphone'umdan | android'den gönderildi | iphone'dan gönderildi | az iphone-omról küldve | trimis de pe |
    trimis din | enviat des | 从我的 | 從我的 | 发自我的 | 發自我的 | 来自我的 | 发送自 | 傳送自 |
    iphoneから送信 | ipadから送信 | androidから送信 | 나의 iphone에서 보냄 | 내 iphone에서 보냄 | נשלח מה |
    נשלח מ | أرسلت من | أُرسلت من | đã gửi từ | dikirim dari
    """
)
"""How the line of a telephone or a mail program begins."""

SENT_PAIRS = (
    ("von mein", "gesendet"),
    ("diese", "gesendet"),
    ("mit", "gesendet"),
    ("從", "傳送"),
    ("从", "发送"),
    ("", "から送信"),
    ("", "에서 보냄"),
    ("", "gönderildi"),
    ("", "from mobile"),
    ("", "from my mobile"),
    ("", "from my phone"),
    ("", "from my iphone"),
)
"""How it begins and ends, where the beginning alone could be a person's sentence."""

SENT_LENGTH = 80
"""A longer line is a person's sentence."""

LEGAL = _phrases(
    """
    confidentiality notice | confidentiality: | confidential notice | legal notice: | legal disclaimer |
    disclaimer: | email disclaimer | notice of confidentiality | privileged and confidential |
    this e-mail and any | this email and any | this e-mail (including | this email (including | this message
    and any | this message (including | this e-mail message | this email message, including | this e-mail is
    confidential | this email is confidential |
    this communication is confidential | this communication and any | this message contains confidential |
    this message is intended | this email is intended | this e-mail is intended | this e-mail transmission |
    this electronic message | this electronic mail | the information in this e |
    the information contained in this | the information transmitted | the contents of this e | the content
    of this e | if you are not the intended recipient | if you have received this e | please consider the
    environment | please think before you print | think before you print | the right-to-know law |
    under the right-to-know | please note: most written communications |
    diese e-mail enthält | diese e-mail kann vertrauliche | diese nachricht enthält vertrauliche | diese
    nachricht ist vertraulich | der inhalt dieser e-mail | haftungsausschluss | bitte denken sie an die
    umwelt | vertraulichkeitshinweis | hinweis: diese e-mail |
    ce message et | ce courriel et | ce courrier électronique | cet e-mail et | ce message est confidentiel
    | ce courriel est confidentiel | avis de confidentialité | les informations contenues dans ce | pensez à
    l'environnement | n'imprimez ce |
    este mensaje y | este correo electrónico y | este correo es confidencial | este mensaje es confidencial
    | este mensaje contiene | aviso de confidencialidad | aviso legal | la información contenida en este |
    antes de imprimir |
    este e-mail e | esta mensagem e | esta mensagem é | aviso de confidencialidade | questo messaggio e |
    questa e-mail e | le informazioni contenute in questo | avviso di riservatezza | dit bericht is | dit
    e-mailbericht | deze e-mail is | de informatie in deze e
    """
)
"""How a legal paragraph begins."""
