"""Yes and no as people and ticket shops write them, in many languages."""

from __future__ import annotations

from eventnet.attendees.headings import normalized

_YES = frozenset(map(normalized, (
    "yes y true 1 x ok on agree agreed agrees accept accepted consent consented opted allow allowed checked ticked "
    "sure "
    "ja j jawohl gern gerne einverstanden zugestimmt zustimmung wahr oui o vrai accepté accepte j'accepte d'accord "
    "si sí "
    "s verdadero acepto aceptado sim verdadeiro aceito vero accetto accettato waar akkoord aye tak prawda zgoda ano "
    "pravda souhlas igen kyllä joo evet да はい 是 同意 예 네 نعم כן ναι"
).split()))
_NO = frozenset(map(normalized, (
    "no n not false 0 off none never don't doesn't won't decline declined declines disagree disagreed refuse refused "
    "reject rejected opt-out unchecked without nein nicht kein keine keinesfalls falsch abgelehnt non pas faux refus "
    "refuse refusé falso rechazo não nao recuso rifiuto nee niet geen onwaar nej inte ikke ei nie fałsz ne není nem "
    "hayır нет не いいえ 否 不 不同意 아니요 아니오 لا לא όχι"
).split()))
# Only these take an objection back: "not interested" or "no networking" under "Opt out" is one.
_PLAIN_NO = frozenset(map(normalized, (
    "no n false 0 off none unchecked nein falsch non faux falso não nao nee onwaar nej nei ei nie fałsz ne nem hayır "
    "нет いいえ 否 不 아니요 아니오 لا לא όχι").split()))
_YES_SIGNS, _NO_SIGNS = frozenset("✓✔☑✅"), frozenset("✗✘☐❌✖")


def read(text: str) -> bool | None:
    """What a cell says: "Ja, gerne" is yes, "I do not agree" is no; None for what is neither, and for nothing.

    One word of no makes it no: who writes more than a word says so on purpose.
    """
    if _NO_SIGNS & set(text):
        return False
    if _YES_SIGNS & set(text):
        return True
    whole = normalized(text)
    words = {whole, *whole.split()}
    if words & _NO or "opt out" in whole or "opted out" in whole:
        return False
    return True if words & _YES else None


def is_plain_no(text: str) -> bool:
    """Whether a cell is nothing but a no, or an empty box."""
    return normalized(text) in _PLAIN_NO or text.strip() in _NO_SIGNS
