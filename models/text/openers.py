"""How a sentence opens: what joins it to the sentence before it, and whether it is whole without that one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from models.text.opener_words import (
    ADVERBS,
    AFTER_THIS_AND,
    CONNECTIVES,
    DEMONSTRATIVES,
    LEANING,
    NO_SUBJECT,
    SPEECH,
    THAT,
    TIMES,
    TO_THE,
)
from models.text.words import Word, words

_MOST_CHARS = 300  # of a sentence; its opening is no longer
_MOST_WORDS = 12
_FEWEST_LEFT = 4
_AND_SO = ("و", "ف")
_PAUSE = re.compile(r"\s*[،,]\s*")
# A colon, or a quotation too long to be the name of who speaks.
_SAID = re.compile(r"\s*(?::|[«“„\"](?:\s*[^\s»”\"]+){4})")
_STOPS = re.compile(r"[،,؛;:.!?؟]")
_THIS, _AS, _THAT, _ARTICLE = "هذا", "كما", "ان", "ال"
_ACCUSATIVE = ("ين", "اً", "ًا")


@dataclass(frozen=True, slots=True)
class Opening:
    """`leans`: it is not whole without the sentence before it. `joins`: how many of its first characters
    do no more than join it to that one; without them it is a full sentence."""

    leans: bool = False
    joins: int = 0


@lru_cache(maxsize=5_000)
def opening(sentence: str) -> Opening:
    """Judged by form alone; in doubt a sentence leans on nothing and loses nothing."""
    text = sentence[:_MOST_CHARS]
    first = list(islice(words(text), _MOST_WORDS))
    if _leans(text, first):
        return Opening(leans=True)
    joins = _joins(text, first)
    if not joins or len(text[joins:].split()) < _FEWEST_LEFT:
        return Opening()
    left = opening(text[joins:])
    return left if left.leans else Opening(joins=joins + left.joins)


def _leans(text: str, first: Sequence[Word]) -> bool:
    if not first:
        return False
    if _begins(first, LEANING) or _bare_speech(text, first):
        return True
    demonstrative = bool({first[0].folded, _without_and(first[0].folded)} & DEMONSTRATIVES)
    if not demonstrative or len(first) < 2 or first[1].folded in TIMES:
        return False
    return not _this_and(first)


def _bare_speech(text: str, first: Sequence[Word]) -> bool:
    """A verb of speech without a speaker: «وأضاف أن», «كما قالت إنها»."""
    verb = 1 if first[0].folded in (_AS, "و" + _AS) else 0
    if verb >= len(first) or not _is_speech(first[verb].folded):
        return False
    while verb + 1 < len(first) and first[verb + 1].folded in ADVERBS:
        verb += 1
    if _SAID.match(text, first[verb].end) or verb + 1 == len(first):
        return True
    return first[verb + 1].folded in NO_SUBJECT or first[verb + 1].folded.startswith(TO_THE)


def _joins(text: str, first: Sequence[Word]) -> int:
    if not first or text[: first[0].start].strip():
        return 0
    if _this_and(first):
        return first[1].place(1) or 0
    if first[0].folded in (_AS, "و" + _AS):
        return _as_well(text, first)
    if length := _begins(first, CONNECTIVES):
        return _after_connective(text, first, length)
    plain = first[0].folded.removeprefix("و")
    is_and = plain != first[0].folded and first[0].folded not in SPEECH and plain in SPEECH
    return (first[0].place(1) or 0) if is_and else 0


def _after_connective(text: str, first: Sequence[Word], length: int) -> int:
    """The connective must be set off by a comma or go straight to a verb of speech."""
    if length >= len(first):
        return 0
    following = first[length]
    pause = _PAUSE.match(text, first[length - 1].end)
    set_off = pause is not None and pause.end() == following.start
    answered = following.folded[:1] in _AND_SO and not _is_speech(following.folded)  # فإن، فقد، وقد
    return 0 if answered or not (set_off or following.folded in SPEECH) else following.start


def _as_well(text: str, first: Sequence[Word]) -> int:
    """«كما أكد الوزير أن» adds; «كما قال الوزير، فإن» compares. «كما أن الوزارة» adds, but its أن gives a case."""
    if len(first) < 3:
        return 0
    if first[1].folded == _THAT:
        named = first[2 : 2 + 5]
        shows_case = any(word.letters.endswith(_ACCUSATIVE) for word in named)
        return 0 if shows_case or not first[2].folded.startswith(_ARTICLE) else first[2].start
    that = next((word for word in first[2:] if word.folded in THAT), None)
    if first[1].folded not in SPEECH or that is None or _STOPS.search(text, first[1].end, that.start):
        return 0
    return first[1].start


def _this_and(first: Sequence[Word]) -> bool:
    """«هذا وقد»: no demonstrative, but a turn to something else."""
    if len(first) < 2 or first[0].folded != _THIS or not first[1].folded.startswith("و"):
        return False
    return first[1].folded[1:] in AFTER_THIS_AND


def _begins(first: Sequence[Word], phrases: Sequence[Sequence[str]]) -> int:
    """How many words the first of the phrases that stands there has, و or ف before it or not; 0 if none."""
    read = [word.folded for word in first]
    for phrase in phrases:
        if len(phrase) <= len(read) and read[1 : len(phrase)] == list(phrase[1:]):
            if phrase[0] in (read[0], _without_and(read[0])):
                return len(phrase)
    return 0


def _is_speech(folded: str) -> bool:
    return folded in SPEECH or _without_and(folded) in SPEECH


def _without_and(folded: str) -> str:
    return folded[1:] if folded.startswith(_AND_SO) else folded
