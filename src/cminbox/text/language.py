"""A cheap guess at the language of a comment, by script and by words that every text has. Says nothing when unsure.

Languages: de en sl hr ru uk bg sr fr it es pt nl ar he hi th ko ja zh. A platform that names a comment's language knows
better; this is for those that do not.
"""

from __future__ import annotations

import re
from typing import Final

from cminbox.domain.text import Safe

_WINDOW: Final = 2_000
"""Characters that are looked at."""
_ENOUGH: Final = 1.5
_AHEAD: Final = 1.25  # so many times as much as the next language must speak for the one that is named

_SCRIPTS: Final = {
    "ko": re.compile("[\uac00-\ud7a3\u3131-\u318e]"),
    "ja": re.compile("[\u3041-\u3096\u30a1-\u30fa]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "th": re.compile("[\u0e01-\u0e4e]"),
    "hi": re.compile("[\u0904-\u0963]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "ar": re.compile("[\u0621-\u064a]"),
    "cyrillic": re.compile("[\u0400-\u045f\u0490\u0491]"),
    "latin": re.compile("[A-Za-z\u00c0-\u017f]"),
}
_PERSIAN_URDU: Final = re.compile("[پچژگکیٹڈڑںے]")
_WORD: Final = re.compile(r"[^\W\d_]+")
# Not speech: addresses, mentions, hashtags.
_NOISE: Final = re.compile(r"https?://\S+|[\w.+-]{1,64}@\S+|[@#]\w+")

_WORDS: Final = {
    "de": "und der die das ist nicht ich sie es ein eine zu den mit auf für von dem auch wie wir aber hat wenn bei "
    "noch nur sind sich dass war kann mal hier oder schon aus einen wird haben doch mehr warum nach diese "
    "dieser was man ihr euch mir dir kein keine im am zum immer vielen danke bitte sehr gut ja nein du werden "
    "habe als vom so da wer durch nichts",
    "en": "a the and is to of you i it that this in for not are was have with on my be but so they your what just "
    "can no at all do if we me like an or from get about how when would will there their by as he she has "
    "more why please thanks good very great does been who any out up its dont",
    "sl": "je in se da na so ne za pa ki v z ti si bi tudi kot to če ali še bo sem kaj po od ni ker le smo jih samo "
    "pri kako naj ko jaz mi že bil bila tega lahko res zdaj potem vsi te ta nas ga iz ima ja niso nič kdo sta "
    "tako vse več preveč hvala lep kje tem zakaj bolj mu jim kar tud",
    "hr": "je i se da na su ne za što ti si bi kao to ili će sam od nije samo ja ako kako koji koja koje već još "
    "sve bio bila treba može nema ima ovo gdje kad biti zašto hvala pa šta tko netko jer im ga mu nas vam "
    "nisu bez uz iz te ljudi tako ovaj taj po u o s",
    "fr": "le la les de des et est un une je vous nous pas que qui pour dans ce cette sur avec ne il elle mais on "
    "plus tout très bien merci bonjour mon ma suis sont au aux ça être avoir fait comme si même par votre en "
    "du se ai",
    "it": "il la di che e è un una per non con sono mi si del della ma anche come più questo questa ho ha lo le gli "
    "dei da al nel alla molto grazie ciao se ci cosa tutto io essere perché bene solo dopo quando ottima "
    "sempre",
    "es": "el la de que y en un una los las por con no es para se me mi lo como pero más muy su al del está esta "
    "este gracias hola si ya todo cuando porque hay son tiene qué buena bien puedo aplicación o le te ha sin "
    "sobre",
    "pt": "o a de que e em um uma os as por com não é para se me meu do da no na mas mais muito seu ao está esta "
    "este obrigado obrigada olá já tudo quando porque tem são bom isso você eu foi pra nao ou ser aplicativo "
    "à até dos das",
    "nl": "de het een en is van ik niet dat te op in met voor je zijn maar er ook aan die wat om als bij nog naar "
    "heeft wel dit geen we hoe of deze uit goed bedankt mijn heb ben kan hij ze wij jullie kunnen door zo "
    "meer wordt werkt u waar",
    "ru": "и в не на что я с он как это по но так все ты мы у же бы за вы от да есть мне меня если то или уже для "
    "нет когда очень только где был ещё еще чтобы его их она они спасибо тебя надо кто ну вот",
    "uk": "і в не на що я з він як це по але так все ти ми у же би за ви від та є мені мене якщо то або вже для ні "
    "немає коли дуже тільки де був ще щоб його їх вона вони дякую треба хто може до буде при чому",
    "bg": "и в не на че аз с той как това по но така всичко ти ние у за вие от да е ми ме ако или вече няма кога "
    "много само къде беше още го тя те благодаря трябва кой се са ще който до при какво със си във",
    "sr": "и у не на што ја с он како то по али тако све ти ми за ви од да је мене ако или већ нема кад веома само "
    "где био још га их она они хвала треба ко се су ће који до при шта са сам није",
}
_LETTERS: Final = {
    "de": "ßäöü",
    "sl": "čšž",
    "hr": "ćđčšž",
    "fr": "éèêàçùœîôâ",
    "it": "èàòùì",
    "es": "ñ¿¡áéíóú",
    "pt": "ãõçáéíóúâê",
    "ru": "ыэъё",
    "uk": "іїєґ",
    "bg": "ъ",
    "sr": "ђјљњћџ",
}
_CYRILLIC: Final = ("ru", "uk", "bg", "sr")
_FOREIGN: Final = re.compile("[ąęłńśźżřěůåøæğışțţășőűį]")  # of languages that are not told apart here


def _speakers() -> dict[str, list[str]]:
    speakers: dict[str, list[str]] = {}
    for language, words in _WORDS.items():
        for word in set(words.split()):
            speakers.setdefault(word, []).append(language)
    return speakers


_SPEAKERS: Final = _speakers()


def guess(text: Safe) -> str | None:
    """The language of ``text`` as an ISO 639-1 code, None where too little speaks for one language alone."""
    sample = _NOISE.sub(" ", text[:_WINDOW])
    counts = {script: len(pattern.findall(sample)) for script, pattern in _SCRIPTS.items()}
    script = max(counts, key=lambda name: counts[name] * (1 if name in ("latin", "cyrillic") else 2))
    if not counts[script]:
        return None
    if script == "zh" and counts["ja"]:
        return "ja"
    if script == "ar" and len(_PERSIAN_URDU.findall(sample)) * 20 > counts["ar"]:
        return None
    if script in ("latin", "cyrillic"):
        return _by_words(sample.lower(), script == "cyrillic")
    return script


def _by_words(sample: str, cyrillic: bool) -> str | None:
    scores: dict[str, float] = {}
    for word in _WORD.findall(sample):
        speakers = _SPEAKERS.get(word, ())
        for name in speakers:
            scores[name] = scores.get(name, 0.0) + 1 / len(speakers)
    for name, letters in _LETTERS.items():
        if (name in _CYRILLIC) == cyrillic:
            scores[name] = scores.get(name, 0.0) + 0.5 * sum(map(sample.count, letters))
    if len(_FOREIGN.findall(sample)) * 40 > len(sample):
        return None
    (most, best), (next_most, _), *_ = sorted(((score, name) for name, score in scores.items()), reverse=True)
    return best if most >= _ENOUGH and most >= _AHEAD * next_most else None
