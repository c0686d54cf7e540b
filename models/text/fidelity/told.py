"""A number as one of the two languages tells it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """`must`: the other language has to tell it; else it only may, as «نصف» may be 0.5, 50 % or "half"."""

    readings: frozenset[Decimal]
    must: bool = True
    is_percent: bool = False


def told(*readings: Decimal | int | str, must: bool = True, is_percent: bool = False) -> Told:
    return Told(frozenset(map(Decimal, readings)), must, is_percent)
