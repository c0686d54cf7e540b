"""Damage: what translators do to a sentence, done on purpose, to see which flags tell."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

_FIGURE = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-])")
_SPELT = (
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
)
_SPELT_WORD = re.compile(rf"\b(?:{'|'.join(_SPELT)})\b")
_MONTHS = ("January", "February", "July", "September", "October", "November", "December")
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_SCALES = ("thousand", "million", "billion")
_SCALE = re.compile(rf"\b(?:{'|'.join(_SCALES)})\b")
_NOT = re.compile(r"\b(?:not|never) |(?<=ca)n't|n't|\bno (?=\w)")
_LATIN = re.compile(r"[A-Za-z]{3,}")


class Damage(NamedTuple):
    """`do` gives the damaged English, or None where the pair has nothing to be damaged."""

    name: str
    flag: str
    do: Callable[[str, str, random.Random], str | None]


def _drop(pattern: re.Pattern[str]) -> Callable[[str, str, random.Random], str | None]:
    def do(_source: str, target: str, chance: random.Random) -> str | None:
        return _cut(target, chance.choice(found)) if (found := list(pattern.finditer(target))) else None

    return do


def _swap(
    pattern: re.Pattern[str], words: tuple[str, ...]
) -> Callable[[str, str, random.Random], str | None]:
    def do(_source: str, target: str, chance: random.Random) -> str | None:
        if not (found := list(pattern.finditer(target))):
            return None
        match = chance.choice(found)
        other = chance.choice([word for word in words if word != match[0]])
        return target[: match.start()] + other + target[match.end() :]

    return do


def _change_digit(_source: str, target: str, chance: random.Random) -> str | None:
    places = [index for figure in _FIGURE.finditer(target) for index in range(*figure.span())]
    digits = [index for index in places if target[index].isdecimal()]
    if not digits:
        return None
    index = chance.choice(digits)
    other = chance.choice([digit for digit in "123456789" if digit != target[index]])
    return target[:index] + other + target[index + 1 :]


def _repeat(_source: str, target: str, chance: random.Random) -> str | None:
    words = target.split()
    if len(words) < 4:
        return None
    start = chance.randrange(len(words) - 2)
    return " ".join([*words[:start], *words[start : start + 3] * 4, *words[start + 3 :]])


def _halve(_source: str, target: str, _chance: random.Random) -> str | None:
    words = target.split()
    return " ".join(words[: len(words) // 2]) if len(words) > 1 else None


def _leave_a_word(source: str, target: str, chance: random.Random) -> str | None:
    arabic = [word for word in source.split() if re.fullmatch("[\u0621-\u064a]{3,}", word)]
    words = target.split()
    if not arabic or not words:
        return None
    words[chance.randrange(len(words))] = chance.choice(arabic)
    return " ".join(words)


def _drop_latin(source: str, target: str, chance: random.Random) -> str | None:
    shared = sorted(set(_LATIN.findall(source)) & set(_LATIN.findall(target)))
    return re.sub(rf"\b{chance.choice(shared)}\b", "", target) if shared else None


def _drop_all(mark: str) -> Callable[[str, str, random.Random], str | None]:
    return lambda source, target, _chance: target.replace(mark, "") if mark in target else None


def _cut(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + text[match.end() :]


DAMAGES = (
    Damage("a figure dropped", "number-mismatch", _drop(_FIGURE)),
    Damage("a digit changed", "number-mismatch", _change_digit),
    Damage("three to thirty in words changed", "number-mismatch", _swap(_SPELT_WORD, _SPELT)),
    Damage("thousand, million, billion changed", "number-mismatch", _swap(_SCALE, _SCALES)),
    Damage("a month changed", "number-mismatch", _swap(_MONTH, _MONTHS)),
    Damage("% or percent dropped", "number-mismatch", _drop(re.compile(r"%| per ?cent\b"))),
    Damage("not, n't, never or no dropped", "negation-lost", _drop(_NOT)),
    Damage("question mark dropped", "question-lost", _drop_all("?")),
    Damage("exclamation mark dropped", "exclamation-lost", _drop_all("!")),
    Damage("three words said four times", "repetition", _repeat),
    Damage("second half cut off", "length-ratio", _halve),
    Damage("said twice", "length-ratio", lambda _source, target, _chance: f"{target} {target}"),
    Damage("one Arabic word left", "untranslated", _leave_a_word),
    Damage("the source given back", "source-copied", lambda source, _target, _chance: source),
    Damage("a Latin name dropped", "latin-lost", _drop_latin),
)
