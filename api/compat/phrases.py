"""Phrases: where the English of a few words stands in the English of their whole sentence."""

import re
from collections.abc import Sequence

# Words with the signs inside them ("U.S.", "10,000"), and every other sign by itself.
WORD = re.compile(r"[^\W_]+(?:['’.,:/-][^\W_]+)*|\S")
_LETTER = re.compile(r"[^\W_]")
_ARTICLES = {"a", "an", "the"}
_LINKS = _ARTICLES | {"of", "in", "on", "at", "to", "and", "for", "by", "with", "from", "'s"}
_ENOUGH = 0.6  # of the phrase's telling words
_STEM_CHARS = 4


def is_word(token: str) -> bool:
    return bool(_LETTER.search(token))


def find_phrase(phrase: str, tokens: Sequence[str], near: float) -> tuple[int, int] | None:
    """First and last-but-one of the tokens that say what `phrase` says, or None.

    A sentence may have other words for it: the shortest stretch with most of the words is taken, and of
    two the one closer to the token `near`.
    """
    wanted = [word.casefold() for word in WORD.findall(phrase) if is_word(word)]
    telling = [word for word in wanted if word not in _LINKS] or wanted
    if not telling:
        return None
    matches = [_matched(token.casefold(), telling) for token in tokens]
    best: tuple[float, float, float] | None = None
    span = None
    longest = 2 * len(wanted) + 1
    for first in (place for place, found in enumerate(matches) if found is not None):
        seen: set[int] = set()
        for last in range(first, min(len(tokens), first + longest)):
            found = matches[last]
            if found is None or found in seen:
                continue
            seen.add(found)
            score = (-float(len(seen)), float(last - first), abs((first + last + 1) / 2 - near))
            if len(seen) >= _ENOUGH * len(set(telling)) and (best is None or score < best):
                best, span = score, (first, last + 1)
    if span and span[0] and wanted[0] in _ARTICLES and tokens[span[0] - 1].casefold() in _ARTICLES:
        return span[0] - 1, span[1]
    return span


def _matched(token: str, telling: Sequence[str]) -> int | None:
    """Which of the telling words the token is, or is a form of."""
    for place, word in enumerate(telling):
        if token == word:
            return place
    for place, word in enumerate(telling):
        stem = min(len(word), len(token))
        if stem >= _STEM_CHARS and word[:stem] == token[:stem] and abs(len(word) - len(token)) <= 2:
            return place
    return None
