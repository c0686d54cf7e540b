"""Number words: what single Arabic words have to do with numbers, and a text as a row of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from models.text.arabic import for_matching

Kind = Enum(
    "Kind", ["BELOW_1000", "HUNDRED", "SCALE", "SCALES", "DUAL", "FRACTION", "ORDINAL", "DIGITS", "OTHER"]
)

# All words below are as for_matching writes them, but for «مئتين», which must not look like «ميتين».
_HUNDRED = ("ميه", "مايه")
_SCALES = [
    (1_000, "الف", "الاف"),
    (1_000_000, "مليون", "ملايين"),
    (1_000_000_000, "مليار", "مليارات"),
    (1_000_000_000, "بليون", "بلايين"),
    (1_000_000_000_000, "تريليون", "تريليونات"),
]
_THREE_TO_NINE = {"ثلاث": 3, "اربع": 4, "خمس": 5, "ست": 6, "سبع": 7, "ثمان": 8, "ثماني": 8, "تسع": 9}
_BELOW_1000 = {
    **dict.fromkeys(("واحد", "واحده", "احد", "احدي"), 1),
    **dict.fromkeys(("اثنان", "اثنين", "اثنتان", "اثنتين", "اثنا", "اثني", "اثنتا", "اثنتي"), 2),
    **{name + end: unit for name, unit in _THREE_TO_NINE.items() for end in ("", "ه")},
    **dict.fromkeys(("عشر", "عشره"), 10),
    **dict.fromkeys(("عشرون", "عشرين"), 20),
    **{name + end: 10 * unit for name, unit in _THREE_TO_NINE.items() for end in ("ون", "ين")},
    **dict.fromkeys(("مايتان", "مايتين", "مايتا", "مايتي"), 200),
    **{name + end: 100 * unit for name, unit in _THREE_TO_NINE.items() for end in _HUNDRED},
}
_ORDINALS = [
    *(("اول", 1), ("اولي", 1), ("حادي", 1), ("ثاني", 2), ("ثالث", 3), ("رابع", 4), ("خامس", 5)),
    *(("سادس", 6), ("سابع", 7), ("ثامن", 8), ("تاسع", 9), ("عاشر", 10)),
]
_MEANINGS = {
    **{name + end: (Kind.ORDINAL, Decimal(value)) for name, value in _ORDINALS for end in ("", "ه")},
    **{name: (Kind.BELOW_1000, Decimal(value)) for name, value in _BELOW_1000.items()},
    **dict.fromkeys(_HUNDRED, (Kind.HUNDRED, Decimal(100))),
    **{one + end: (Kind.SCALE, Decimal(value)) for value, one, _ in _SCALES for end in ("", "ا")},
    **{many: (Kind.SCALES, Decimal(value)) for value, _, many in _SCALES},
    **{one + end: (Kind.DUAL, Decimal(value)) for value, one, _ in _SCALES for end in ("ان", "ين", "ي")},
    "نصف": (Kind.FRACTION, Decimal("0.5")),
    "ربع": (Kind.FRACTION, Decimal("0.25")),
}
_PREFIXES = ("", *"وفبلك", "ال", "لل", "وب", "ول", "وال", "بال", "وبال", "فال", "كال", "ولل")
_NOT_NUMBERS = {"لست", "الالفي", "كميه"}  # «لستُ» is "I am not", «كمية» a quantity

_HAMZA_OF_200 = re.compile("مئ(?=ت)")
_PERCENT = re.compile(r"\b(?:في ال|بال)(?:ميه|مايه)\b")
_LONE_AND = re.compile(r"\bو (?=[^\W\d_])")
_AND_ELEVEN = re.compile(r"\bواحد (?=عشر\b)")  # «وأحد عشر»
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|[^\w\s]")

# What a figure in digits may be counted in: «3 ملايين».
SCALES = {
    **dict.fromkeys(_HUNDRED, 100),
    **{form: value for value, one, many in _SCALES for form in (one, one + "ا", many)},
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a figure in digits, or a mark; a scale's value is its own, a dual's is that of one."""

    text: str  # without its prefix, if it is a number word
    prefix: str = ""
    kind: Kind = Kind.OTHER
    value: Decimal = Decimal(0)

    @property
    def is_joined(self) -> bool:
        return self.prefix.startswith("و")

    @property
    def is_definite(self) -> bool:
        return self.prefix.endswith(("ال", "لل"))


def for_numbers(text: str) -> str:
    """The matching form, with % for its words and the «و» of «خمسة و عشرون» on its word."""
    form = _PERCENT.sub("%", for_matching(_HAMZA_OF_200.sub("مائ", text)))
    return _AND_ELEVEN.sub("وواحد ", _LONE_AND.sub("و", form))


def words(form: str) -> Iterator[Word]:
    """The words of a text that for_numbers wrote."""
    texts = _TOKEN.findall(form)
    known = {text: _word(text) for text in set(texts)}
    return (known[text] for text in texts)


def _word(text: str) -> Word:
    if text[0].isdecimal():
        return Word(text, kind=Kind.DIGITS)
    for prefix in () if text in _NOT_NUMBERS else _PREFIXES:
        bare = text[len(prefix) :]
        if text.startswith(prefix) and bare in _MEANINGS:
            return Word(bare, prefix, *_MEANINGS[bare])
    return Word(text)
