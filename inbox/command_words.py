"""With which words does a reply act, in each language? One table; the documents are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Argument = Literal["none", "optional", "required", "words"]

LANGUAGES = ("en", "es", "fr", "de")


@dataclass(frozen=True)
class Verb:
    """One act: its name in the code, whether it takes a word behind it, and how it is said in each language.

    What stands behind one that takes "words" is the beginning of the text below it.

    The first word of a language is the one that letters and documents show. English is understood everywhere.
    ``plain`` words count without a number sign, alone on the first line.
    """

    name: str
    argument: Argument
    words: dict[str, tuple[str, ...]]
    plain: dict[str, tuple[str, ...]]


def _verb(name: str, argument: Argument, en: str, es: str, fr: str, de: str, **plain: str) -> Verb:
    spoken = {"en": en, "es": es, "fr": fr, "de": de}
    return Verb(
        name,
        argument,
        {language: tuple(text.split()) for language, text in spoken.items()},
        {language.rstrip("_"): tuple(text.split(",")) for language, text in plain.items()},
    )


VERBS = (
    _verb("done", "none", "done fixed finished finish", "hecho listo terminado", "fait terminé fini",
          "erledigt fertig", en_="done,fixed,finished,finish", es_="hecho,listo,terminado",
          fr_="fait,c'est fait", de_="erledigt,fertig"),
    _verb("close", "none", "close closed", "cerrar cerrado", "clore fermer clos", "schließen abschließen"),
    _verb("note", "words", "note internal private", "nota interno privado", "note interne privé",
          "notiz intern privat"),
    _verb("public", "none", "public answer", "público respuesta", "public réponse", "öffentlich antwort"),
    _verb("assign", "required", "assign give", "asignar", "attribuer assigner", "zuweisen geben"),
    _verb("start", "none", "start started", "empezar iniciar", "commencer débuter", "beginnen begonnen"),
    _verb("ask", "words", "ask question", "preguntar pregunta", "demander question", "fragen rückfrage"),
    _verb("duplicate", "required", "duplicate double", "duplicado", "doublon", "doppelt duplikat"),
    _verb("notfound", "none", "notfound", "noencontrado", "introuvable nontrouvé", "nichtgefunden"),
    _verb("noaction", "none", "noaction", "sinacción", "sanssuite", "keinemaßnahme"),
    _verb("spam", "none", "spam", "spam", "spam", "spam"),
    _verb("release", "none", "release", "liberar", "libérer", "freigeben"),
    _verb("time", "required", "time hours cost", "tiempo horas", "temps heures", "zeit stunden"),
    _verb("seen", "none", "seen acknowledge", "visto recibido", "vu reçu", "gesehen erhalten"),
    _verb("reopen", "none", "reopen", "reabrir", "rouvrir", "wiedereröffnen"),
    _verb("withdraw", "none", "withdraw", "retirar", "retirer", "zurückziehen"),
    _verb("accept", "optional", "accept ours", "aceptar", "accepter", "annehmen"),
    _verb("refuse", "optional", "refuse notours", "rechazar", "refuser", "ablehnen"),
    _verb("undo", "none", "undo", "deshacer", "annuler", "rückgängig zurücknehmen"),
    _verb("help", "none", "help", "ayuda", "aide", "hilfe"),
)  # fmt: skip
"""Every act of a first line. An agency's own word (``#county``) is not here: it comes from the rules."""
