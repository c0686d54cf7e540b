"""Numbers compared: whether each language tells the numbers that the other does."""

import re
from collections.abc import Iterable, Sequence

from models.text.fidelity.arabic_numbers import arabic_numbers
from models.text.fidelity.clock import with_plain_times
from models.text.fidelity.english_numbers import english_numbers
from models.text.fidelity.months import arabic_months, english_months
from models.text.fidelity.told import Told, told

# Also where it is told as a half, or as a rate.
_PERCENT = re.compile(
    r"%|\bper ?cent|\bpct\b|\b(?:half|halves|thirds?|quarters?)\b"
    r"|مئوي|نسب[ةه]|(?:المئ|المائ|المي|مئ|مائ)[ةه]|نصف|ثلث|ربع",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d:\d|\b[ap]\.?m\b|o'clock|\bhours?\b|\bGMT\b|\bUTC\b", re.IGNORECASE)


def bends_numbers(source: str, target: str) -> bool:
    """Whether a number, a month or a per cent of the one is not in the other, in figures or in words."""
    source, target = with_plain_times(source), with_plain_times(target)
    ours = [*arabic_numbers(source), *_months(arabic_months(source, sure=False))]
    theirs = [*english_numbers(target), *_months(english_months(target, sure=False))]
    if _CLOCK.search(target):
        theirs += _other_clock(theirs)
        ours += _other_clock(ours)
    return (
        _lacks(theirs, [*ours, *_months(arabic_months(source, sure=True), must=True)])
        or _lacks(ours, [*theirs, *_months(english_months(target, sure=True), must=True)])
        or _lacks_percent(target, ours)
        or _lacks_percent(source, theirs)
    )


def _other_clock(numbers: Sequence[Told]) -> list[Told]:
    """17:30 may be 5:30 pm."""
    hours = {int(it) for number in numbers for it in number.readings if 0 <= it < 24}
    return [told(hour + 12 if hour < 12 else hour - 12, must=False) for hour in hours]


def _months(numbers: Iterable[int], *, must: bool = False) -> list[Told]:
    return [told(number, must=must) for number in numbers]


def _lacks(given: Sequence[Told], needed: Sequence[Told]) -> bool:
    known = {reading for number in given for reading in number.readings}
    return any(number.must and known.isdisjoint(number.readings) for number in needed)


def _lacks_percent(text: str, needed: Sequence[Told]) -> bool:
    return any(number.is_percent for number in needed) and not _PERCENT.search(text)
