"""Awkward headers: encoded words, raw bytes, strange senders, broken lines."""

from tests.inbox.mails import Case, mail

SUBJECTS: dict[str, tuple[str | bytes, str]] = {
    "plain words": ("Pothole on Mill Road", "Pothole on Mill Road"),
    "a word in Q": ("=?utf-8?Q?Stra=C3=9Fe_gesperrt?=", "Straße gesperrt"),
    "a word in lower-case b": ("=?utf-8?b?U3RyYcOfZQ==?=", "Straße"),
    "base64 without its padding": ("=?utf-8?B?U3RyYcOfZQ?=", "Straße"),
    "two words, the letter split between them": ("=?utf-8?Q?Stra=C3?= =?utf-8?Q?=9Fe?=", "Straße"),
    "two words folded": ("=?utf-8?Q?Stra=C3=9F?=\r\n =?utf-8?Q?e?=", "Straße"),
    "words with text between": ("=?utf-8?Q?Gr=C3=BCn?= and =?utf-8?Q?bl=C3=BCht?=", "Grün and blüht"),
    "words of two charsets": ("=?utf-8?Q?=C3=A4?= =?iso-8859-1?Q?=F6?=", "äö"),
    "words of two charsets in two encodings": ("=?utf-8?B?w6Q=?= =?utf-8?Q?_=C3=B6?=", "ä ö"),
    "spaces inside a word": ("=?utf-8?Q?Gr=C3=BCne Stra=C3=9Fe?=", "Grüne Straße"),
    "a word glued to text": ("Re:=?utf-8?Q?Gr=C3=BCn?=!", "Re:Grün!"),
    "a word in quotes": ('"=?utf-8?Q?Gr=C3=BCn?="', '"Grün"'),
    "a word with a language": ("=?utf-8*de?Q?Gr=C3=BCn?=", "Grün"),
    "a question mark in a word": ("=?utf-8?Q?Wann=3F_Gr=C3=BCn??=", "Wann? Grün?"),
    "a bare question mark before an encoded letter": ("=?utf-8?Q?Wann?=20Gr=C3=BCn?=", "Wann? Grün"),
    "the wrong charset": ("=?utf-8?Q?Gr=FCn?=", "Grün"),
    "a charset that does not exist": ("=?klingon?Q?Gr=C3=BCn?=", "Grün"),
    "unknown-8bit": ("=?unknown-8bit?Q?Gr=FCn?=", "Grün"),
    "a codec that is no charset": ("=?unicode_escape?Q?=5Cu0041?=", "\\u0041"),
    "iso-2022-jp": ("=?ISO-2022-JP?B?GyRCRjtPKRsoQg==?=", "道路"),
    "gb2312": ("=?gb2312?B?tcDCtw==?=", "道路"),
    "gb2312 with letters beyond it": ("=?gb2312?B?5p4=?=", b"\xe6\x9e".decode("gb18030")),
    "koi8-r": ("=?koi8-r?Q?=D1=CD=C1?=", "яма"),
    "windows-1251": ("=?windows-1251?Q?=FF=EC=E0?=", "яма"),
    "big5": ("=?big5?B?uUS49A==?=", "道路"),
    "euc-kr": ("=?ks_c_5601-1987?B?tbW3zg==?=", "도로"),
    "x-mac-roman": ("=?macintosh?Q?Stra=A7e?=", "Straße"),
    "no end": ("=?utf-8?Q?Gr=C3=BCn", "=?utf-8?Q?Gr=C3=BCn"),
    "an encoding that does not exist": ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    "raw utf-8": ("Straße".encode(), "Straße"),
    "raw cp1252": (b"Stra\xdfe \x96 dunkel", "Straße – dunkel"),
    "raw iso-2022-jp": (b"\x1b$BF;O)\x1b(B", "道路"),
    "folded over three lines": ("one\r\n two\r\n\tthree", "one two three"),
    "folded in the middle of white space": ("one \r\n  two", "one two"),
    "a null byte": (b"dark\0 lamp", "dark lamp"),
    "letters that turn the writing direction": ("photo\u202egpj.exe", "photogpj.exe"),
    "a line separator": ("one\u2028two", "onetwo"),
    "nothing": ("", ""),
    "only white space": ("   \t ", ""),
    "an emoji": ("=?UTF-8?Q?=F0=9F=95=B3?= hole", "🕳 hole"),
    "half an emoji": ("=?UTF-8?Q?=F0=9F?= hole", "ðŸ hole"),
}

SENDERS: dict[str, tuple[str | bytes | None, str, str]] = {
    "an address alone": ("a@home.example", "", "a@home.example"),
    "an address in brackets": ("<a@home.example>", "", "a@home.example"),
    "a quoted name with a comma": ('"Doe, Jo" <a@home.example>', "Doe, Jo", "a@home.example"),
    "a name with a comma that nobody quoted": ("Doe, Jo <a@home.example>", "Doe, Jo", "a@home.example"),
    "a name in single quotes": ("'Jo Doe' <a@home.example>", "Jo Doe", "a@home.example"),
    "quotes inside quotes": ('"Jo \\"J\\" Doe" <a@home.example>', 'Jo "J" Doe', "a@home.example"),
    "the name as a comment": ("a@home.example (Jo Doe)", "Jo Doe", "a@home.example"),
    "comments inside comments": (
        "a@home.example (Jo (the first) Doe)",
        "Jo (the first) Doe",
        "a@home.example",
    ),
    "an encoded name": ("=?utf-8?Q?J=C3=B6rg?= <a@home.example>", "Jörg", "a@home.example"),
    "an encoded name in quotes": ('"=?utf-8?Q?J=C3=B6rg?=" <a@home.example>', "Jörg", "a@home.example"),
    "an encoded comma": ("=?utf-8?Q?Doe=2C_J=C3=B6?= <a@home.example>", "Doe, Jö", "a@home.example"),
    "a bare comma inside an encoded name": (
        "=?utf-8?Q?=22Doe,_J=C3=B6=22?= <a@home.example>",
        "Doe, Jö",
        "a@home.example",
    ),
    "brackets inside an encoded name": (
        "=?utf-8?Q?J=C3=B6_(the_first):?= <a@home.example>",
        "Jö (the first):",
        "a@home.example",
    ),
    "a quoted name without brackets": ('"Doe, Jo" a@home.example', "Doe, Jo", "a@home.example"),
    "a name without brackets": ("Jo Doe a@home.example", "Jo Doe", "a@home.example"),
    "empty brackets behind the address": ("a@home.example <>", "", "a@home.example"),
    "a comment behind the brackets": ("Jo <a@home.example> (works)", "Jo", "a@home.example"),
    "everything encoded": ("=?utf-8?Q?J=C3=B6_<a@home.example>?=", "Jö", "a@home.example"),
    "a raw utf-8 name": ("Jörg <a@home.example>", "Jörg", "a@home.example"),
    "a raw cp1252 name": (b"J\xf6rg <a@home.example>", "Jörg", "a@home.example"),
    "an address as its own name": ('"a@home.example" <a@home.example>', "a@home.example", "a@home.example"),
    "the name glued to the bracket": ('"Jo"<a@home.example>', "Jo", "a@home.example"),
    "spaces inside the brackets": ("Jo < a@home.example >", "Jo", "a@home.example"),
    "a mailto": ("Jo <mailto:a@home.example>", "Jo", "a@home.example"),
    "a route": ("Jo <@relay.example:a@home.example>", "Jo", "a@home.example"),
    "a group": ("Works: Jo <a@home.example>, b@home.example;", "Jo", "a@home.example"),
    "no end of the bracket": ("Jo <a@home.example", "Jo", "a@home.example"),
    "no end of the quote": ('"Jo <a@home.example>', '"Jo', "a@home.example"),
    "no address": ("Jo Doe", "Jo Doe", ""),
    "folded": ("Jo\r\n Doe <a@home.example>", "Jo Doe", "a@home.example"),
    "international": ("Jo <jörg@straße.example>", "Jo", "jörg@straße.example"),
}

CASES: dict[str, Case] = {
    **{f"subject: {name}": Case(mail(subject=raw), subject=said) for name, (raw, said) in SUBJECTS.items()},
    **{
        f"from: {name}": Case(mail(sender=raw), name=person, email=email)
        for name, (raw, person, email) in SENDERS.items()
    },
    "from: missing": Case(mail(sender=None), name="", email="", problem="who sent it"),
    "from: missing, but a Sender": Case(
        mail("x", "Sender: Jo <a@home.example>", sender=None), email="a@home.example", problem="no From"
    ),
    "from: missing, but a Return-Path": Case(
        mail("x", "Return-Path: <a@home.example>", sender=None), email="a@home.example", problem="Return-Path"
    ),
    "from: two headers": Case(
        mail("x", "From: First <1@home.example>"), email="1@home.example", problem="several From"
    ),
    "from: two addresses": Case(
        mail(sender="1@home.example, 2@home.example"), email="1@home.example", problem="several senders"
    ),
    "headers: line ends of Unix": Case(mail(end=b"\n"), subject="Street light", text="The lamp is dark."),
    "headers: line ends of an old Mac": Case(
        mail("The lamp\ris dark.", end=b"\r"), subject="Street light", text="The lamp\nis dark."
    ),
    "headers: a mailbox's From line": Case(
        b"From resident@home.example Mon Nov  2 09:30:00 2026\r\n" + mail(), subject="Street light"
    ),
    "headers: empty lines before them": Case(b"\r\n\r\n" + mail(), subject="Street light"),
    "headers: a byte order mark before them": Case(b"\xef\xbb\xbf" + mail(), subject="Street light"),
    "headers: a space before the colon": Case(mail("x", "X-One : 1"), more={"headers": ("x-one", "1")}),
    "headers: a line that lost its indentation": Case(
        mail("x", "X-Long: first", "second", "Sender: b@home.example"),
        email="resident@home.example",
        more={"headers": ("x-long", "first second")},
    ),
    "headers: no empty line before the text": Case(
        b"From: a@home.example\r\nSubject: lamp\r\nThe lamp is dark.\r\nThanks",
        text="The lamp is dark.\nThanks",
        problem="without an empty line",
    ),
    "headers: nothing else": Case(b"From: a@home.example\r\nSubject: lamp", subject="lamp", text=""),
    "headers: a date that is none": Case(
        mail("x", "Date: the day after tomorrow"), problem="its date is none", more={"date": None}
    ),
    "headers: a date with a wild zone": Case(
        mail("x", "Date: Mon, 2 Nov 2026 09:30:00 +9999"), problem="its date is none", more={"date": None}
    ),
    "headers: a message id without brackets": Case(
        mail("x", "Message-ID: two@home.example"), more={"message_id": "<two@home.example>"}
    ),
    "headers: references, some twice": Case(
        mail("x", "References: <1@a> <2@a>\r\n <3@a>", "In-Reply-To: <3@a>"),
        more={"references": ("<3@a>", "<2@a>", "<1@a>")},
    ),
    "headers: several who took it": Case(
        mail("x", "Delivered-To: in@town.example", "X-Original-To: requests+r.abc@town.example"),
        more={"delivered_to": ("in@town.example", "requests+r.abc@town.example")},
    ),
}
