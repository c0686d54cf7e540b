"""Signs that a summary says what its article does not: figures and foreign names that it never states."""

import re
import unicodedata

from models.text.arabic import for_matching
from models.text.figures import Stated

_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_FOREIGN = re.compile(r"[^\W\d_\u0600-\u06ff\u0750-\u077f\u0870-\u08ff]+")


def unsupported(article: str, summary: str) -> list[str]:
    """What in the summary does not stand in the article, in a fixed order; empty when all does."""
    checks = {
        "number-unsupported": not Stated.of(article).supports(summary),
        "name-unsupported": not foreign_words(summary) <= foreign_words(article),
    }
    return [name for name, found in checks.items() if found]


def foreign_words(text: str) -> set[str]:
    """The runs of letters of any script but the Arabic, case and accents aside: F-16 and F16 give f."""
    plain = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", for_matching(text)))
    letters = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    return set(_FOREIGN.findall(letters))
