"""Spelt numbers: the numbers that a text's words come to, each whole («خمسة وعشرون ألفا» is 25 000)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from models.text.number_words import Kind, Word, words

_PARTS = {"اثلاث", "ارباع", "اخماس", "اسداس", "اسباع", "اثمان", "اتساع", "اعشار"}
_BETWEEN = {"الي", "او", "-"}
_ALSO_WROTE = {"الف", "الفا"}  # «ألّف»
_AFTER_A_PREFIX = {"ست"}  # «ألست», «الست», "West"
_END = Word("")


@dataclass(frozen=True, slots=True)
class Number:
    readings: frozenset[Decimal]  # more than one for «مليونا» and for the five of «خمسة أو ستة آلاف»
    is_percent: bool = False
    is_ordinal: bool = False
    is_certain: bool = True  # else its words may also mean something else, or be part of a figure


@dataclass(slots=True)
class _Spelt:
    """A number as its words come in; the group is what no scale has followed so far."""

    start: int
    taken: int = 0
    terms: list[Decimal] = field(default_factory=list)
    scale: Decimal = Decimal(0)  # of the last term
    group: list[Decimal] = field(default_factory=list)

    def take(self, word: Word, after: Word) -> int:
        """How many of the two words continue this number."""
        if word.kind is Kind.FRACTION:
            count = self._take_fraction(word, after)
        elif word.kind in (Kind.SCALE, Kind.SCALES):
            count = self._take_scale(word)
        elif word.kind is Kind.DUAL:
            count = 0 if self.group else self._add_term(2, word.value, word)
        elif word.kind in (Kind.BELOW_1000, Kind.HUNDRED):
            count = self._take_small(word)
        else:
            count = 0
        self.taken += count
        return count

    def value(self) -> Decimal:
        return sum((*self.terms, *self.group), Decimal(0))

    def _add_term(self, times: Decimal | int, scale: Decimal, word: Word) -> int:
        if self.terms and not (word.is_joined and times * scale < self.scale):
            return 0
        self.terms.append(times * scale)
        self.scale = scale
        return 1

    def _take_scale(self, word: Word) -> int:
        if word.is_joined or not (self.group or self.terms):
            return 0 if self.group or word.kind is Kind.SCALES else self._add_term(1, word.value, word)
        if self.group and (not self.terms or word.value < self.scale):
            self.terms.append(sum(self.group, Decimal(0)) * word.value)
            self.group = []
        elif not self.group and len(self.terms) == 1 and word.value > self.scale:
            self.terms[0] *= word.value  # «ألف مليار»
        else:
            return 0
        self.scale = word.value
        return 1

    def _take_fraction(self, word: Word, after: Word) -> int:
        """«نصف مليون», «مليون ونصف», «مليون ونصف المليون», «ثلاثة ونصف»."""
        counted = after.kind is Kind.SCALE and not after.is_joined
        if counted and not self.group:
            return 2 * self._add_term(word.value, after.value, word)
        if not word.is_joined or not (self.group or self.terms):
            return 0
        if self.group:
            self.group.append(word.value)
        else:
            self.terms.append(word.value * self.scale)
        return 1

    def _take_small(self, word: Word) -> int:
        value, last = word.value, self.group[-1] if self.group else None
        if last is None:
            fits = word.is_joined or not self.terms
        elif word.kind is Kind.HUNDRED and not word.is_joined:
            fits = len(self.group) == 1 and 3 <= last <= 9
            if fits:
                self.group, value = [], last * value
        elif value == 10 and 1 <= last < 10:
            fits = not word.is_joined
        else:
            room = 100 if last >= 100 else 0
            fits = word.is_joined and (value < room or (1 <= last < 10 and 20 <= value < 100))
        if fits:
            self.group.append(value)
        return int(fits)


def numbers(form: str) -> list[Number]:
    """The numbers and the ordinals of a text that for_numbers wrote, in order."""
    row = [_END, *words(form), _END, _END]
    found, at = [], 1
    while at < len(row) - 2:
        if row[at].kind is Kind.ORDINAL:
            count = 2 if _continues_ordinal(row[at], row[at + 1]) else 1
            value = row[at].value + (row[at + 1].value if count == 2 else 0)
            found.append((_Spelt(at, count), Number(frozenset({value}), is_ordinal=True)))
            at += count
            continue
        spelt = _Spelt(at)
        while count := 0 if _is_counted(row, at) else spelt.take(row[at], row[at + 1]):
            at += count
        if spelt.taken:
            found.append((spelt, _number(spelt, row)))
        else:
            at += 1
    return list(_with_ranges(found, row))


def _continues_ordinal(word: Word, after: Word) -> bool:
    """«الخامس عشر», «الخامسة والعشرين»."""
    if after.kind is not Kind.BELOW_1000 or after.value > 90:
        return False
    if after.value == 10:
        return not after.is_joined
    return after.value > 10 and word.is_definite and after.is_definite and after.is_joined


def _is_counted(row: Sequence[Word], at: int) -> bool:
    """Whether the word is the scale of a figure in digits."""
    is_scale = row[at].kind in (Kind.HUNDRED, Kind.SCALE, Kind.SCALES)
    return is_scale and not row[at].is_joined and row[at - 1].kind is Kind.DIGITS


def _number(spelt: _Spelt, row: Sequence[Word]) -> Number:
    value, first, end = spelt.value(), row[spelt.start], spelt.start + spelt.taken
    readings, is_percent = {value}, row[end].text == "%"
    is_lone = spelt.taken == 1
    if is_lone and first.kind is Kind.SCALE and first.text.endswith("ا"):
        readings.add(2 * value)  # «مليونا دولار» is two
    in_figure = (
        (first.is_joined and Kind.DIGITS in (row[spelt.start - 1].kind, row[max(0, spelt.start - 2)].kind))
        or (row[end].text == "و" and row[end + 1].kind is Kind.DIGITS)
    )  # fmt: skip
    is_other_word = first.text in (_AFTER_A_PREFIX if first.prefix else _ALSO_WROTE)
    is_noise = value in (1, 2) or (is_lone and is_other_word) or row[end].text in _PARTS
    return Number(frozenset(readings), is_percent, is_certain=is_percent or not (in_figure or is_noise))


def _with_ranges(found: Sequence[tuple[_Spelt, Number]], row: Sequence[Word]) -> Iterator[Number]:
    """The numbers; the first of «من خمسة إلى سبعة ملايين» may be as many millions, or per cent."""
    for (spelt, number), (after, other) in pairwise([*found, (_Spelt(0), Number(frozenset()))]):
        gap = row[spelt.start + spelt.taken : after.start]
        in_range = gap[0].text in _BETWEEN if len(gap) == 1 else not gap and after.start > 0
        if not in_range or spelt.terms or number.is_ordinal or other.is_ordinal:
            yield number
            continue
        scaled = {reading * after.scale for reading in number.readings if len(after.terms) == 1}
        is_percent = number.is_percent or other.is_percent
        yield replace(number, readings=number.readings | scaled, is_percent=is_percent)
