"""The forms of Arabic text: as the author wrote it, as an engine reads it, as a matcher compares it."""

import re
import unicodedata

_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0898-\u089f\u08ca-\u08ff"
_TATWEEL = "\u0640"
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_DELETED = re.compile(f"[{_MARKS}{_TATWEEL}{_INVISIBLE}]")
_PRESENTATION = re.compile("[\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]+")
_DOTS = re.compile(r"[.…]{2,}|…")
_SPACE = re.compile(r"\s+")

# Serving and training must use one table: a model never sees a character that it was not trained on.
_FOR_ENGINE = str.maketrans(
    {
        "؟": "?",
        "،": ",",
        "؛": ";",
        "٪": "%",
        "٫": ".",
        "٬": ",",
        "۔": ".",
        **dict.fromkeys("«»“”„‟″", '"'),
        **dict.fromkeys("‘’‚‛′`", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},
    }
)
# Words that newspapers spell in two ways, as most do; a small corpus may know only one.
_AMERICAN = re.compile("[أا]ميرك(?=[اي])")
_DIPLOMATIC = re.compile("ديبلوماس")
_FOR_MATCHING = str.maketrans(
    {**dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ک": "ك"}
)


def for_engine(text: str) -> str:
    """The text as engines read it, in training and in serving: the author's spelling (but for two words
    with two spellings) without marks, tatweel or invisible controls, with ASCII digits and punctuation.
    """
    text = unicodedata.normalize("NFC", text)
    text = _PRESENTATION.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    text = unicodedata.normalize("NFC", _DELETED.sub("", text)).translate(_FOR_ENGINE)
    text = _DIPLOMATIC.sub("دبلوماس", _AMERICAN.sub("أمريك", text))
    text = _DOTS.sub(lambda run: "." if run[0] == ".." else "...", text)
    return _SPACE.sub(" ", text).strip()


def for_matching(text: str) -> str:
    """The engine form with alef, ya and ta marbuta folded and case ignored. Never shown to anyone."""
    return for_engine(text).translate(_FOR_MATCHING).casefold()


def count_arabic_letters(text: str) -> int:
    """How many letters of the Arabic script (Persian and Urdu letters too) the text has."""
    return sum(1 for char in text if "\u0600" <= char <= "\ufeff" and _is_arabic_letter(char))


def _is_arabic_letter(char: str) -> bool:
    return unicodedata.category(char) == "Lo" and unicodedata.name(char, "").startswith("ARABIC")
