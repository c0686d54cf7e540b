"""Numbers told in Arabic: figures, words, and what words like «نصف» or «ثمانينيات» may come to in English."""

import re
from collections.abc import Iterator
from decimal import Decimal

from models.text.fidelity.told import LEAST, Told, decade, joined, seasons, told
from models.text.figures import figures
from models.text.number_words import for_numbers
from models.text.numbers import Number, numbers

# «ثلاثينيات القرن التاسع عشر» are the 1830s.
_CENTURY = re.compile(r"القرن العشرين|(?<=ات )القرن ال\w+(?: عشر)?")
_TENS = {"عشر": 20, "ثلاث": 30, "اربع": 40, "خمس": 50, "ست": 60, "سبع": 70, "ثمان": 80, "تسع": 90}
_DECADE = re.compile(rf"({'|'.join(_TENS)})ي?ني?ات")

_NTH = "ثالث رابع خامس سادس سابع ثامن تاسع عاشر"

# As for_numbers writes them; what else they may be told as.
_LOOSE = [
    *((re.compile(f"{nth}ا"), told(value, must=False)) for value, nth in enumerate(_NTH.split(), start=3)),
    (re.compile("نصف|انصاف"), told("0.5", "1.5", "2.5", 50, 2, 30, must=False)),
    (re.compile("ثلث"), told(3, 33, must=False)),
    (re.compile("ثلثي|ثلثا"), told(2, 3, 66, must=False)),
    (re.compile("ربع|ارباع"), told("0.25", 4, 25, 3, 75, 15, 45, must=False)),
    (re.compile("خمس"), told(5, must=False)),
    (re.compile("عشرات"), told(10, 20, must=False)),
    (re.compile("عقد"), told(10, 20, must=False)),
    (re.compile("قرن|قرون|ميوي"), told(100, 200, must=False)),
    (re.compile("القرن العشرين"), told(20, must=False)),
    (re.compile("الفي"), told(1000, 2000, must=False)),
    (re.compile("دزين|دست"), told(12, 24, must=False)),
    (re.compile("ضعف|اضعاف"), told(2, 3, 200, must=False)),
    (re.compile("ثلاث"), told(3, must=False)),
    (re.compile("ربا?ع"), told(4, must=False)),
    (re.compile("خماس"), told(5, must=False)),
    (re.compile("سداس"), told(6, must=False)),
    (re.compile("ظهر"), told(12, must=False)),
]


def arabic_numbers(text: str) -> list[Told]:
    whole = for_numbers(joined(text))
    form = _CENTURY.sub("القرن", whole)
    firm = [*_figures(form), *map(_spelt, numbers(form))]
    return [*firm, *_halves(form, firm), *_loose(whole)]


def _figures(form: str) -> Iterator[Told]:
    for figure in figures(form):
        scaled = frozenset(reading * figure.scale for reading in figure.readings)
        yield Told(scaled, True, figure.is_percent)
        if figure.scale > 1:
            yield Told(figure.readings, False)


def _spelt(number: Number) -> Told:
    must = number.is_certain and min(number.readings) >= LEAST
    return Told(number.readings, must, number.is_percent)


def _halves(form: str, firm: list[Told]) -> Iterator[Told]:
    """«خمسة أعوام ونصف العام»."""
    for number in firm if "ونصف" in form else ():
        yield Told(frozenset(reading + Decimal("0.5") for reading in number.readings), False)


def _loose(form: str) -> Iterator[Told]:
    yield from seasons(form)
    for tens in _DECADE.findall(form):
        yield decade(_TENS[tens])
    for pattern, number in _LOOSE:
        if pattern.search(form):
            yield number
