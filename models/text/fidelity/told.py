"""Numbers as either of the two languages tells them, and what both write in the same way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

LEAST = 3  # told in words; one and two are also pronouns, articles and duals
_CENTURIES = (0, 1700, 1800, 1900, 2000)
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,])")
_SEASON = re.compile(r"\b(\d\d)\d\d[-/](?:\d\d)?(\d\d)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """`must`: the other language has to tell it; else it only may, as «نصف» may be 0.5, 50 % or "half"."""

    readings: frozenset[Decimal]
    must: bool = True
    is_percent: bool = False


def told(*readings: Decimal | int | str, must: bool = True, is_percent: bool = False) -> Told:
    return Told(frozenset(map(Decimal, readings)), must, is_percent)


def joined(text: str) -> str:
    """With «10 000» as 10000."""
    return _SPACED.sub(lambda group: group[0].replace(" ", ""), text)


def seasons(text: str) -> Iterator[Told]:
    """What 1995-96 and 1995-1996 have in common."""
    for century, year in _SEASON.findall(text):
        yield told(century + year, year, must=False)


def decade(tens: int) -> Told:
    """The seventies may be of any century, and of a life."""
    return told(*(century + tens for century in _CENTURIES), must=False)
