"""Figures: the values that a text states, in digits of any script or in Arabic number words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from models.text.number_words import SCALES, for_numbers
from models.text.numbers import Number, numbers

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
_COMMA_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DOT_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")

_RANGE = r"(?: ?(?:-|الي|و|او) ?\d+(?:[.,]\d+)*)?"  # «من 3 إلى 5 ملايين» is three million too
_PERCENT_FOLLOWS = re.compile(rf"{_RANGE} ?%")
_PERCENT_BEFORE = re.compile(r"% ?$")
_SCALE_FOLLOWS = re.compile(rf"{_RANGE} ?({'|'.join(sorted(SCALES, key=len, reverse=True))})\b")


@dataclass(frozen=True, slots=True)
class Figure:
    readings: frozenset[Decimal]  # more than one for 1.500
    scale: int
    is_percent: bool


@dataclass(frozen=True)
class Stated:
    """The values that a text states, in every way in which it can be read."""

    values: set[Decimal] = field(default_factory=set)
    percentages: set[Decimal] = field(default_factory=set)
    ordinals: set[Decimal] = field(default_factory=set)

    @classmethod
    def of(cls, text: str) -> "Stated":
        form, stated = for_numbers(text), cls()
        for number in numbers(form):
            (stated.ordinals if number.is_ordinal else stated.values).update(number.readings)
            if number.is_percent:
                stated.percentages.update(number.readings)
        stated.values.update(Decimal(match[0].replace(" ", "")) for match in _SPACED.finditer(form))
        for figure in figures(form):
            stated.values.update(figure.readings)
            stated.values.update(reading * figure.scale for reading in figure.readings)
            if figure.is_percent:
                stated.percentages.update(figure.readings)
                stated.percentages.update(reading * figure.scale for reading in figure.readings)
        return stated

    def supports(self, text: str) -> bool:
        """Whether every figure in the text, and every number in words but ordinals, 1 and 2, is stated.

        A figure may stand for an ordinal («القرن 19»), a number in words may not.
        """
        form = for_numbers(text)
        if not all(self._has_spelt(number) for number in numbers(form)):
            return False
        return all(self._has(figure) for figure in figures(_SPACED.sub(self._known_or_itself, form)))

    def _known_or_itself(self, spaced: re.Match[str]) -> str:
        """Digit groups parted by spaces are one number only if that number is known."""
        return " " if Decimal(spaced[0].replace(" ", "")) in self.values else spaced[0]

    def _has(self, figure: Figure) -> bool:
        known = self.percentages if figure.is_percent else self.values
        if figure.scale == 1 and not figure.is_percent and not self.ordinals.isdisjoint(figure.readings):
            return True
        return any(reading * figure.scale in known for reading in figure.readings)

    def _has_spelt(self, number: Number) -> bool:
        known = self.percentages if number.is_percent else self.values
        return number.is_ordinal or not number.is_certain or not known.isdisjoint(number.readings)


def figures(form: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(form):
        scale = _SCALE_FOLLOWS.match(form, match.end())
        is_percent = bool(
            _PERCENT_FOLLOWS.match(form, match.end())
            or _PERCENT_BEFORE.search(form, max(0, match.start() - 2), match.start())
        )
        for own in readings(match[0]):
            yield Figure(own, SCALES[scale[1]] if scale else 1, is_percent)


def readings(figure: str) -> list[frozenset[Decimal]]:
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
