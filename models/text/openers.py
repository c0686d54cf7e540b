"""How a sentence opens: what joins it to the sentence before it, and whether it is whole without that one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from models.text.arabic import for_engine
from models.text.opener_words import (
    ADVERBS,
    AFTER_THIS_AND,
    ANSWERS,
    CONNECTIVES,
    DEMONSTRATIVES,
    LEANING,
    NO_SUBJECT,
    SPEECH,
    THAT,
    TIMES,
    Phrases,
)
from models.text.words import Word, words

_MOST_CHARS = 300  # of a sentence that are read, and no more than so many words of them
_MOST_WORDS = 12
_FEWEST_LEFT = 4
_AND_SO = ("و", "ف")
_AS_WELL = ("كما", "وكما")
_THIS, _THAT, _ARTICLE, _TO_THE = "هذا", "ان", "ال", "لل"
_ACCUSATIVE = ("ين", "ا")  # المسؤولين، عددا; in doubt too: الصين، الدنيا
_STOP = re.compile(r"[,;:.!?]")
# A colon, or a quotation too long to be the name of who speaks.
_SAID = re.compile(r':|"(?:\s*+[^\s"]++){4}')


@dataclass(frozen=True, slots=True)
class Opening:
    """`leans`: it is not whole without the sentence before it. `joins`: how many of its first characters
    do no more than join it to that one; without them it is a full sentence."""

    leans: bool = False
    joins: int = 0


def opening(sentence: str) -> Opening:
    """Judged by form alone; in doubt a sentence leans on nothing and loses nothing."""
    text = sentence[:_MOST_CHARS]
    first = list(islice(words(text), _MOST_WORDS))
    if not first:
        return Opening()
    if _leans(text, first):
        return Opening(leans=True)
    joins = _joins(text, first)
    if not joins or len(text[joins:].split()) < _FEWEST_LEFT:
        return Opening()
    left = opening(text[joins:])
    return left if left.leans else Opening(joins=joins + left.joins)


def _leans(text: str, first: Sequence[Word]) -> bool:
    if _begins(first, LEANING) or _bare_speech(text, first):
        return True
    points = bool({first[0].folded, _without_and(first[0].folded)} & DEMONSTRATIVES)
    return points and len(first) > 1 and first[1].folded not in TIMES and not _turns(first)


def _bare_speech(text: str, first: Sequence[Word]) -> bool:
    """A verb of speech without a speaker: «وأضاف أن», «كما قالت إنها»."""
    verb = 1 if first[0].folded in _AS_WELL else 0
    if verb >= len(first) or not _is_speech(first[verb].folded):
        return False
    while verb + 1 < len(first) and first[verb + 1].folded in ADVERBS:
        verb += 1
    if _SAID.match(for_engine(text[first[verb].end :])) or verb + 1 == len(first):
        return True
    return first[verb + 1].folded in NO_SUBJECT or first[verb + 1].folded.startswith(_TO_THE)


def _joins(text: str, first: Sequence[Word]) -> int:
    if for_engine(text[: first[0].start]):
        return 0
    if _turns(first):
        return first[1].place(1) or 0
    if first[0].folded in _AS_WELL:
        return _as_well(text, first)
    length = _begins(first, CONNECTIVES)
    return _after_connective(text, first, length) if length else 0


def _after_connective(text: str, first: Sequence[Word], length: int) -> int:
    """Only one that a comma sets off, or that a verb of speech follows: «إلى ذلك المكان» is none."""
    if length >= len(first):
        return 0
    following = first[length]
    set_off = for_engine(text[first[length - 1].end : following.start]) == ","
    answers = following.folded in ANSWERS  # «فإن», «فقد», «وقد»
    return following.start if (set_off and not answers) or following.folded in SPEECH else 0


def _as_well(text: str, first: Sequence[Word]) -> int:
    """«كما أكد الوزير أن» adds; «كما قال الوزير، فإن» compares. In «كما أن الوزارة» the أن rules a case, so
    it stays where one shows or may.
    """
    if len(first) < 3:
        return 0
    if first[1].folded == _THAT:
        plain = first[2].folded.startswith(_ARTICLE)
        shown = any(word.folded.endswith(_ACCUSATIVE) for word in first[2:6])
        return first[2].start if plain and not shown else 0
    that = next((word for word in first[2:] if word.folded in THAT), None)
    if (
        first[1].folded not in SPEECH
        or that is None
        or _STOP.search(for_engine(text[first[1].end : that.start]))
    ):
        return 0
    return first[1].start


def _turns(first: Sequence[Word]) -> bool:
    """«هذا وقد»: no demonstrative, but a turn to something else."""
    if len(first) < 2 or first[0].folded != _THIS or not first[1].folded.startswith("و"):
        return False
    return first[1].folded[1:] in AFTER_THIS_AND


def _begins(first: Sequence[Word], phrases: Phrases) -> int:
    """How many words the longest phrase that stands there has, with و or ف before it or not; 0 if none."""
    read = tuple(word.folded for word in first)
    for word in (read[0], _without_and(read[0])):
        for phrase in phrases.get(word, ()):
            if read[1 : len(phrase)] == phrase[1:]:
                return len(phrase)
    return 0


def _is_speech(folded: str) -> bool:
    return folded in SPEECH or _without_and(folded) in SPEECH


def _without_and(folded: str) -> str:
    return folded[1:] if folded.startswith(_AND_SO) else folded
