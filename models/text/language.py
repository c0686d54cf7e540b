"""The check that an article is Arabic: by script first, then among the languages of that script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from threading import Lock

from models.text.arabic import bare, count_arabic_letters

UNKNOWN = "und"
_SAMPLE_CHARS = 20_000

# Bilingual feeds and code-heavy articles are Arabic; a foreign text that quotes some Arabic is not.
_ARABIC_SCRIPT_SHARE = 1 / 3
_OTHER_CERTAINTY = 0.3
# How sure a text without Arabic's own words must be: the longer it is, the odder is their absence.
_FEW_WORDS, _MANY_WORDS = 3, 8
_ARABIC_CERTAINTY, _ARABIC_CERTAINTY_OF_MANY_WORDS = 0.25, 0.7

_LINK = re.compile(r"(?:https?://|www\.)\S++|(?<!\S)[^\s@]*+@\S*+")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_ARABIC_SCRIPT = re.compile(r"[^\u0600-\u06ff\u0750-\u077f]+")
_WORD = re.compile(r"[^\W\d_]+")
# Articles, ta marbuta, hamza on alef, small words: any Arabic text has some, others next to none.
_ARABIC_WORD = re.compile(
    r"[وفبكک]{0,2}ال\w\w|[وف]?لل\w\w|\w+ة$|[وفبل]?[أإ]|[وف]?(?:ف[يی]|عن|لا|لم|مش|هذا|هذه)$"
)
_ARABIC_WORD_SHARE = 0.1
# Letters that no Arab writer needs; پ چ ژ گ ڤ ک ی are not among them.
_FOREIGN_LETTER = re.compile("[ٹڈڑںےہټډړږښځڅېۍڼڕڵۆێەۈۋڭۇڪٻڀٺٽٿڃڄڇڊڌڍڏڙڦڳڱڻ]")
_FOREIGN_LETTER_SHARE = 0.03
_ARABIZI_WORD = re.compile(r"(?i)\b(?=\d?[a-z])[a-z]*[235679](?!(?:nd|rd|th|g)\b)[a-z0-9]*")
_ARABIZI_SHARE = 0.15

_SAME_SCRIPT = {"ar", "fa", "ur", "ps", "ku", "ug"}
_ISO_639_1 = {"arz": "ar", "ary": "ar", "sdh": "ku", "uzs": "uz", "hbo": "he", "yue": "zh"}

Rank = Callable[[str], list[tuple[str, float]]]
_LOADING = Lock()


@dataclass(frozen=True, slots=True)
class Detection:
    language: str
    """ISO 639-1; `und` where there is nothing to tell it by, or it has no code (Arabizi)."""
    arabic_letters: int
    """Letters of the Arabic script, whatever the language."""

    @property
    def is_arabic(self) -> bool:
        return self.language == "ar"


def detect(text: str) -> Detection:
    """The language of the article as a whole; every Arabic dialect is `ar`."""
    prose = _LINK.sub(" ", bare(text))
    letters = len(_LETTER.findall(prose))
    arabic = count_arabic_letters(prose)
    if not letters:
        return Detection(UNKNOWN, arabic)
    if arabic < letters * _ARABIC_SCRIPT_SHARE:
        return Detection(_name_other_script(prose[:_SAMPLE_CHARS]), arabic)
    return Detection(_name_arabic_script(prose), arabic)


def _name_arabic_script(prose: str) -> str:
    sample = _NOT_ARABIC_SCRIPT.sub(" ", prose)[:_SAMPLE_CHARS]
    words = _WORD.findall(sample)
    letters = sum(map(len, words))
    foreign_letters = len(_FOREIGN_LETTER.findall(sample)) / max(1, letters)
    if len(words) < _FEW_WORDS and foreign_letters < _FOREIGN_LETTER_SHARE:
        return "ar"
    arabic_words = sum(1 for word in words if _ARABIC_WORD.match(word))
    if foreign_letters < _FOREIGN_LETTER_SHARE and arabic_words >= len(words) * _ARABIC_WORD_SHARE:
        return "ar"
    shares = _shares(sample, _SAME_SCRIPT.__contains__)
    enough = _ARABIC_CERTAINTY if len(words) < _MANY_WORDS else _ARABIC_CERTAINTY_OF_MANY_WORDS
    return "ar" if shares.pop("ar") >= enough else max(shares, key=lambda code: shares[code])


def _name_other_script(prose: str) -> str:
    words = prose.split()
    if sum(1 for word in words if _ARABIZI_WORD.search(word)) >= len(words) * _ARABIZI_SHARE:
        return UNKNOWN
    shares = _shares(prose, lambda code: code not in _SAME_SCRIPT)
    language = max(shares, key=lambda code: shares[code])
    return language if shares[language] >= _OTHER_CERTAINTY and len(language) == 2 else UNKNOWN


def _shares(sample: str, wanted: Callable[[str], bool]) -> dict[str, float]:
    """The likelihood of each wanted language, dialects counted with theirs, so that all sum to 1."""
    shares: dict[str, float] = {}
    for code, share in _rank()(sample):
        language = _ISO_639_1.get(code, code)
        if wanted(language):
            shares[language] = shares.get(language, 0.0) + share
    total = sum(shares.values()) or 1.0
    return {language: share / total for language, share in shares.items()}


def _rank() -> Rank:
    with _LOADING:
        return _load()


@cache
def _load() -> Rank:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  a second to load

    rank: Rank = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).rank
    return rank
