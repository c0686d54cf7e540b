"""What stays as it is: Arabic must not be left in the English; Latin names, links and tags must be."""

import re

from models.text.arabic import count_arabic_letters
from models.text.faithfulness import foreign_words

_LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s\"'<>\u0600-\u06ff]*[A-Za-z\d/_=-]|(?<![\w@.#])[\w.+-]{1,64}+@[\w-]+(?:\.[\w-]+)+"
)
_TAG = re.compile(r"(?<![\w/])[#@][A-Za-z_]\w*")
_ARABIC_TAG = re.compile(r"(?<![\w/])#[^\W\dA-Za-z_]")
# Units are translated: «5 km» may come out as "5 kilometres".
_UNITS = {"km", "cm", "mm", "kg", "mg", "ml", "ft", "mi", "mph", "kb", "mb", "gb", "tb", "hz", "mhz", "ghz"}


def copies_source(source: str, target: str) -> bool:
    """Whether at least half of the Arabic words stand in the English as they are."""
    words = [word for word in source.split() if count_arabic_letters(word)]
    kept = set(target.split())
    return bool(words) and 2 * sum(word in kept for word in words) >= len(words)


def loses_latin(source: str, target: str) -> bool:
    """Whether a Latin name, a link, an e-mail address, a hashtag or a mention is not in the English."""
    exact = {it.casefold() for pattern in (_LINK, _TAG) for it in pattern.findall(source)}
    if any(it not in target.casefold() for it in exact):
        return True
    if _ARABIC_TAG.search(source) and "#" not in target:
        return True
    words = foreign_words(_LINK.sub(" ", source)) - _UNITS
    names = {word for word in words if word.isascii() and len(word) > 1}
    return bool(names) and not names <= foreign_words(target)
