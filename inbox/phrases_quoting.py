"""Which words do mail programs put around what they quote, in the languages they speak?

Lower case throughout. Lists of words, not of patterns: what a line must look like besides is said by those
who
read them. A language that is missing costs little, because dates, addresses and quotation marks speak too.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split(" "))


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase for phrase in (" ".join(part.split()) for part in text.split(",")) if phrase)


WROTE = _words(
    """
    wrote writes written said says sent
    schrieb schrieben geschrieben schreibt
    écrit ecrit écrivait
    escribió escribio escribe escrito
    scritto scrive scrisse
    escreveu escrito
    schreef geschreven verzond
    skrev skrifaði
    kirjoitti
    napisał napisała napisal pisze
    napsal napsala napísal napísala
    написал написала написав написала пише пишет писал писала написа
    έγραψε εγραψε
    yazdı yazmış
    írta irta
    scris
    napisao napisala piše napisal
    escrigué escriure
    parašė rašė rakstīja kirjutas
    viết menulis
    כתב כתבה כתבו
    كتب كتبت
    """
)
"""The verb of an attribution: "On <date>, <somebody> wrote:"."""

WROTE_ANYWHERE = ("写道", "寫道", "写：", "作成", "のメッセージ", "さんは書きました", "작성", "เขียน")
"""The same in scripts that put no space between words."""

QUOTING = _words("quoting zitat citando citat citation cita citace cytat цитирую lainaus citazione")
"""The first word of an attribution without a verb: "Quoting <somebody>:"."""

OPENERS = _words(
    """
    on at in le el il em op am den dnia dňa dne w på pe w fre tor man tir ons lør søn lör sön
    a la în 在 於 于 vào pada ב בתאריך في ons. den. data de'
    """
)
"""The first word of an attribution, before the date."""

SPLITTING_OPENERS = ("On", "Am", "Le", "El", "Il", "Em", "Op", "Den", "Dnia", "W dniu")
"""Openers that are looked for in the middle of a line too, where a program glued the attribution to the
reply."""

FIELDS: dict[str, tuple[str, ...]] = {
    "from": _phrases(
        """
        from, von, de, expéditeur, da, van, fra, från, frå, lähettäjä, od, от, від, από, kimden, gönderen,
        feladó, de la, remitente, desde, mittente, remetente, afzender, afsender, avsändare, nadawca,
        odesílatel, odosielateľ, pošiljatelj, отправитель, отправник, 发件人, 寄件者, 寄件人, 差出人,
        送信者, 보낸 사람, מאת, من, từ, dari, saatja, nuo, no
        """
    ),
    "date": _phrases(
        """
        sent, date, sent at, sent on, received, gesendet, gesendet am, datum, envoyé, envoyé le, envoyée,
        date d'envoi, le, enviado, enviado el, enviada, enviada em, enviado em, enviados, fecha,
        fecha de envío, data, inviato, data invio, verzonden, skickat, skickades, sendt, sendt den, dato,
        lähetetty, päivämäärä, pvm, wysłano, data wysłania, odesláno, odoslané, dátum, poslano, отправлено,
        дата, дата отправки, надіслано, εστάλη, ημερομηνία, gönderme tarihi, gönderilme tarihi, tarih,
        elküldve, trimis, data trimiterii, 发送时间, 发送日期, 日期, 時間, 寄件日期, 送信日時, 日時,
        보낸 날짜, 날짜, נשלח, תאריך, تاريخ, تم الإرسال, ngày, đã gửi, tanggal, dikirim
        """
    ),
    "to": _phrases(
        """
        to, an, à, a, para, destinataire, pour, al, destinatario, destinatário, aan, til, till,
        vastaanottaja, do, komu, prima, za, кому, до, προς, kime, alıcı, címzett, către, catre, 收件人,
        收件者, 宛先, 받는 사람, אל, إلى, đến, tới, kepada, kam, saaja
        """
    ),
    "cc": _phrases(
        """
        cc, bcc, kopie, copie, copia, con copia, cópia, kopio, kopi, kopia, dw, копия, копія, bilgi,
        másolatot kap, 抄送, 副本, 참조, עותק
        """
    ),
    "subject": _phrases(
        """
        subject, betreff, objet, sujet, asunto, oggetto, assunto, onderwerp, emne, ämne, aihe, temat,
        předmět, predmet, zadeva, тема, относно, θέμα, konu, tárgy, subiect, assumpte, 主题, 主題, 主旨,
        标题, 件名, 제목, נושא, الموضوع, chủ đề, subjek, perihal, teema, tema
        """
    ),
    "reply": _phrases(
        """
        reply-to, reply to, antwort an, répondre à, responder a, rispondi a, risposta, responder para,
        antwoord aan,
        beantwoorden - aan, svar til, svara till, ответить, odpowiedz do
        """
    ),
    "other": _phrases(
        """
        importance, priority, attachments, wichtigkeit, importancia, importance, anlagen, pièces jointes,
        message-id, organization
        """
    ),
}
"""The labels of the fields over a quoted mail."""

ORIGINALS = _phrases(
    """
    original message, original mail, original email, original e-mail, reply message, forwarded message,
    forwarded by, message transféré, message transmis, message d'origine, message original,
    courriel d'origine, e-mail d'origine, ursprüngliche nachricht, originalnachricht, original-nachricht,
    antwort nachricht, weitergeleitete nachricht, original-e-mail, mensaje original, mensaje reenviado,
    mensaje de respuesta, messaggio originale, messaggio inoltrato, messaggio di risposta,
    mensagem original, mensagem encaminhada, oorspronkelijk bericht, origineel bericht,
    doorgestuurd bericht, doorgestuurde bericht, oprindelig meddelelse, videresendt meddelelse,
    opprinnelig melding, videresendt melding, ursprungligt meddelande, originalmeddelande,
    vidarebefordrat meddelande, alkuperäinen viesti, välitetty viesti, wiadomość oryginalna,
    oryginalna wiadomość, wiadomość przekazana, původní zpráva, přeposlaná zpráva, pôvodná správa,
    preposlaná správa, izvirno sporočilo, izvorna poruka, originalna poruka, исходное сообщение,
    оригинальное сообщение, пересылаемое сообщение, пересланное сообщение, перенаправленное сообщение,
    вихідне повідомлення, оригинално съобщение, αρχικό μήνυμα, προωθημένο μήνυμα, özgün ileti,
    orijinal mesaj, iletilen mesaj, eredeti üzenet, továbbított üzenet, mesaj original, mesajul original,
    missatge original, 原始邮件, 原始郵件, 转发邮件, 轉寄郵件, 转发的邮件, 邮件原件, 元のメッセージ,
    転送メッセージ, 원본 메시지, 전달된 메시지, 원본 메일, הודעה מקורית, הודעה שהועברה, الرسالة الأصلية,
    رسالة أصلية, thư gốc, pesan asli
    """
)
"""What stands between dashes over the mail that is answered or passed on."""

BEGINNINGS = _phrases(
    """
    begin forwarded message, forwarded message, anfang der weitergeleiteten nachricht, anfang der
    weitergeleiteten e-mail, début du message transféré,
    début du message réexpédié, début de l'e-mail transféré, inicio del mensaje reenviado, inizio messaggio
    inoltrato, inizia messaggio inoltrato,
    início da mensagem encaminhada, início da mensagem reencaminhada, begin doorgestuurd bericht, start på
    videresendt besked,
    videresendt besked, vidarebefordrat brev, vidarebefordrat mejl, päättyy välitetty viesti, początek
    przekazywanej wiadomości, начало переадресованного сообщения,
    개시 전달된 메시지, 下面是被转发的邮件, 開始轉寄郵件
    """
)
"""What stands alone on a line, with a colon, over a mail that is passed on."""

ABOVE = _phrases(
    """
    reply above this line, type your reply above this line, please type your reply above this line,
    write above this line, reply above the line, add your reply above this line,
    please reply above this line, respond above this line, enter your reply above this line,
    reply to this email above this line, do not write below this line, do not delete this line,
    reply above this, antworten sie oberhalb dieser linie, antworten sie oberhalb dieser zeile,
    antworten sie bitte oberhalb dieser linie, bitte oberhalb dieser linie antworten,
    bitte antworten sie oberhalb dieser zeile, bitte über dieser linie antworten,
    bitte über dieser zeile antworten, ihre antwort oberhalb dieser zeile, antwort über dieser zeile,
    répondez au-dessus de cette ligne, répondre au-dessus de cette ligne, écrivez au-dessus de cette ligne,
    votre réponse au-dessus de cette ligne, responda encima de esta línea,
    responda por encima de esta línea, responder encima de esta línea,
    escriba su respuesta encima de esta línea, escriba por encima de esta línea, responda sobre esta línea,
    rispondi sopra questa riga, rispondi sopra questa linea, rispondere sopra questa riga,
    responda acima desta linha, responder acima desta linha, antwoord boven deze lijn,
    antwoord boven deze regel, typ uw antwoord boven deze regel, reageer boven deze regel,
    svara ovanför denna rad, svar over denne linje, skriv svaret ovenfor denne linjen,
    odpowiedz powyżej tej linii, proszę odpowiedzieć powyżej tej linii, ответьте выше этой линии,
    пишите выше этой линии, 请在此行上方回复, この行より上に返信, この線より上に返信
    """
)
"""Lines of ticket systems that ask for the answer above them."""
