"""Figures: the values that a text states, in digits of any script or in Arabic number words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

from models.text.arabic import for_matching

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
_COMMA_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DOT_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")

# All words below are as for_matching writes them.
_SCALES = {
    **dict.fromkeys(("ميه", "مايه"), 100),
    **dict.fromkeys(("الف", "الفا", "الاف"), 1_000),
    **dict.fromkeys(("مليون", "مليونا", "ملايين"), 1_000_000),
    **dict.fromkeys(("مليار", "مليارا", "مليارات", "بليون", "بلايين"), 1_000_000_000),
    **dict.fromkeys(("تريليون", "تريليونا", "تريليونات"), 1_000_000_000_000),
}
_THREE_TO_NINE = {"ثلاث": 3, "اربع": 4, "خمس": 5, "ست": 6, "سبع": 7, "ثمان": 8, "ثماني": 8, "تسع": 9}
_NUMBERS = {
    **dict.fromkeys(("واحد", "واحده", "احد", "احدي"), 1),
    **dict.fromkeys(("اثنان", "اثنين", "اثنتان", "اثنتين", "اثنا", "اثني", "اثنتا", "اثنتي"), 2),
    **{name + end: unit for name, unit in _THREE_TO_NINE.items() for end in ("", "ه")},
    **dict.fromkeys(("عشر", "عشره"), 10),
    **dict.fromkeys(("عشرون", "عشرين"), 20),
    **{name + end: 10 * unit for name, unit in _THREE_TO_NINE.items() for end in ("ون", "ين")},
    **dict.fromkeys(("ميتان", "ميتين", "ميتا", "ميتي", "مايتان", "مايتين", "مايتا", "مايتي"), 200),
    **{name + end: 100 * unit for name, unit in _THREE_TO_NINE.items() for end in ("ميه", "مايه")},
    **dict.fromkeys(("الفان", "الفين"), 2_000),
    **dict.fromkeys(("مليونان", "مليونين"), 2_000_000),
    **dict.fromkeys(("ملياران", "مليارين"), 2_000_000_000),
}
_PREFIXES = ("", *"وفبلك", "ال", "لل", "وب", "ول", "وال", "بال", "وبال", "فال", "كال")
_WORD = re.compile(r"[^\W\d_]+|\d+|%")
_LONGEST_SUM = 6

_RANGE = r"(?: ?(?:-|الي|و|او) ?\d+(?:[.,]\d+)*)?"  # «من 3 إلى 5 ملايين» is three million too
_PERCENT_WORDS = re.compile(r"\b(?:في ال|بال)(?:ميه|مايه)\b")
_PERCENT_FOLLOWS = re.compile(rf"{_RANGE} ?%")
_PERCENT_BEFORE = re.compile(r"% ?$")
_SCALE_FOLLOWS = re.compile(rf"{_RANGE} ?({'|'.join(sorted(_SCALES, key=len, reverse=True))})\b")


@dataclass(frozen=True, slots=True)
class _Figure:
    readings: frozenset[Decimal]  # more than one for 1.500
    scale: int
    is_percent: bool


@dataclass(frozen=True)
class Stated:
    """The values that a text states, in every way in which it can be read."""

    values: set[Decimal] = field(default_factory=set)
    percentages: set[Decimal] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> "Stated":
        form, stated = _form(text), cls()
        for value, is_percent in _spelt(form):
            stated.values.add(Decimal(value))
            if is_percent:
                stated.percentages.add(Decimal(value))
        stated.values.update(Decimal(match[0].replace(" ", "")) for match in _SPACED.finditer(form))
        for figure in _figures(form):
            stated.values.update(figure.readings)
            stated.values.update(reading * figure.scale for reading in figure.readings)
            if figure.is_percent:
                stated.percentages.update(figure.readings)
        return stated

    def supports(self, text: str) -> bool:
        """Whether every figure in the text, number words aside, has one of these values."""
        form = _SPACED.sub(self._known_or_itself, _form(text))
        return all(self._has(figure) for figure in _figures(form))

    def _known_or_itself(self, spaced: re.Match[str]) -> str:
        """Digit groups parted by spaces are one number only if that number is known."""
        return " " if Decimal(spaced[0].replace(" ", "")) in self.values else spaced[0]

    def _has(self, figure: _Figure) -> bool:
        known = self.percentages if figure.is_percent else self.values
        return any(reading * figure.scale in known for reading in figure.readings)


def _form(text: str) -> str:
    return _PERCENT_WORDS.sub("%", for_matching(text))


def _figures(form: str) -> Iterator[_Figure]:
    for match in _FIGURE.finditer(form):
        scale = _SCALE_FOLLOWS.match(form, match.end())
        is_percent = bool(
            _PERCENT_FOLLOWS.match(form, match.end())
            or _PERCENT_BEFORE.search(form, max(0, match.start() - 2), match.start())
        )
        for readings in _readings(match[0]):
            yield _Figure(readings, _SCALES[scale[1]] if scale else 1, is_percent)


def _readings(figure: str) -> list[frozenset[Decimal]]:
    """The figure as one number that may have two readings, or, if it is a date, as its numbers."""
    if _COMMA_THOUSANDS.fullmatch(figure):
        return [frozenset({Decimal(figure.replace(",", ""))})]
    if _DOT_THOUSANDS.fullmatch(figure):
        whole = Decimal(figure.replace(".", "").replace(",", "."))
        return [
            frozenset({whole, Decimal(figure)} if figure.count(".") == 1 and "," not in figure else {whole})
        ]
    parts = re.split("[.,]", figure)
    if len(parts) > 2:
        return [frozenset({Decimal(part)}) for part in parts]
    return [frozenset({Decimal(".".join(parts))})]


def _spelt(form: str) -> Iterator[tuple[int, bool]]:
    """What number words come to, each and together («خمسة وعشرون ألفا»), and whether it is a percentage."""
    run: list[int] = []
    for word in _WORD.findall(form):
        bare = next(
            (word[len(it) :] for it in _PREFIXES if word.startswith(it) and _is_number(word[len(it) :])), ""
        )
        if bare in _NUMBERS:
            run.append(_NUMBERS[bare])
        elif bare in _SCALES:
            scale = _SCALES[bare]
            yield from ((value, False) for value in _sums(run))
            counted = 0
            while run and run[-1] < scale:
                counted += run.pop()
            run.append((counted or 1) * scale)
        else:
            yield from ((value, word == "%") for value in _sums(run))
            run = []
    yield from ((value, False) for value in _sums(run))


def _is_number(word: str) -> bool:
    return word in _NUMBERS or word in _SCALES


def _sums(run: Sequence[int]) -> Iterator[int]:
    for start in range(len(run)):
        yield from accumulate(run[start : start + _LONGEST_SUM])
