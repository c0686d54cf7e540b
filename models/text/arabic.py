"""The forms of Arabic text: as the author wrote it, as an engine reads it, as a matcher compares it."""

import re
import unicodedata
from itertools import count

_MARKS = (
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0898-\u089f\u08ca-\u08ff"
    "\ufbb2-\ufbc2\ufc5e-\ufc63\ufe70-\ufe7f"  # the same with a form of their own, as PDF files have them
)
_TATWEEL = "\u0640"
_INVISIBLE = (  # controls of direction, joining and width, variation selectors, tags, and what is no text
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u0600-\u0605\u061c\u070f\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffc\U000e0000-\U000e01ef"
)
UNSEEN = f"{_MARKS}{_TATWEEL}{_INVISIBLE}"
"""What of a text neither begins nor ends anything, to stand in a character class."""

_DELETED = re.compile(f"[{UNSEEN}]+")
# Newspapers write «القاهرة ـ رويترز»; what no letter stands beside stretches none.
_TATWEEL_AS_DASH = re.compile(f"(?<![^\\W\\d])(?<![{_MARKS}]){_TATWEEL}+(?![^\\W\\d]|[{_MARKS}])")
# On tatweel or a dotless ya the hamza is a letter, of which NFC makes no ئ by itself: «شيـٔا».
_HAMZA_WITHOUT_SEAT = re.compile(f"[{_TATWEEL}ىی][\u064b-\u0653]*\u0654")
_PRESENTATION = re.compile("[\ufb50-\ufdcf\ufdf0-\ufdff\ufe80-\ufefc]+")
# NFC takes time as the square of a run of marks; no language has thirty in a row (UAX #15, 13).
_RUN_OF_MARKS = re.compile(r"[^\w\s\x00-\u02ff]{31,}")
_MOST_MARKS = 30
_DOTS = re.compile(r"[.…]{2,}|…")
_SPACE = re.compile(r"\s+")

# Serving and training must use one table: a model never sees a character that it was not trained on.
_FOR_ENGINE = str.maketrans(
    {
        "؟": "?",
        "،": ",",
        "؛": ";",
        "٪": "%",
        "؉": "‰",
        "٫": ".",
        "٬": ",",
        "۔": ".",
        "٭": "*",
        "؍": "/",
        **dict.fromkeys("«»“”„‟″﴾﴿", '"'),
        **dict.fromkeys("‘’‚‛‹›′`", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("۝۞۩", " "),
        # Letters that look like Arabic's and come from another keyboard, or from the Qur'an.
        **dict.fromkeys("ھہە", "ه"),
        **dict.fromkeys("کڪ", "ك"),
        "ٱ": "ا",
        "ی": "ى",
        **{chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},
    }
)
_YA_WITHIN = re.compile(r"ی(?=[^\W\d_])")  # there the Persian letter has the two dots of ي
# Words that newspapers spell in two ways, as most do; a small corpus may know only one.
_AMERICAN = re.compile("[أا]ميرك(?=[اي])")
_DIPLOMATIC = re.compile("ديبلوماس")
_FOR_MATCHING = str.maketrans({**dict.fromkeys("أإآ", "ا"), "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})


def for_engine(text: str) -> str:
    """The text as engines read it, in training and in serving: the author's spelling (but for two words
    with two spellings) without marks, tatweel or invisible controls, with ASCII digits and punctuation.
    """
    text = _YA_WITHIN.sub("ي", bare(text)).translate(_FOR_ENGINE)
    text = _DIPLOMATIC.sub("دبلوماس", _AMERICAN.sub("أمريك", text))
    text = _DOTS.sub(lambda run: "." if run[0] == ".." else "...", text)
    return _SPACE.sub(" ", text).strip()


def bare(text: str) -> str:
    """The text composed, its letters in their plain forms, without marks, tatweel or invisible controls."""
    text = _PRESENTATION.sub(lambda run: unicodedata.normalize("NFKC", run[0]), _composed(text))
    text = _HAMZA_WITHOUT_SEAT.sub("ئ", _TATWEEL_AS_DASH.sub("-", text))
    return _composed(_DELETED.sub("", text))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _RUN_OF_MARKS.sub(_few_marks, text))


def _few_marks(run: re.Match[str]) -> str:
    """The run with no more marks than writing needs; emoji and rules stay."""
    marks = count()
    return "".join(char for char in run[0] if not unicodedata.combining(char) or next(marks) < _MOST_MARKS)


def for_matching(text: str) -> str:
    """The engine form with alef, ya and ta marbuta folded and case ignored. Never shown to anyone."""
    return for_engine(text).translate(_FOR_MATCHING).casefold()


def count_arabic_letters(text: str) -> int:
    """How many letters of the Arabic script (Persian and Urdu letters too) the text has."""
    return sum(1 for char in text if "\u0600" <= char <= "\ufeff" and _is_arabic_letter(char))


def _is_arabic_letter(char: str) -> bool:
    return unicodedata.category(char) == "Lo" and unicodedata.name(char, "").startswith("ARABIC")
