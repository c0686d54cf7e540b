"""Numbers told in English: figures, words, ordinals, and what words like "half" or "decade" may come to."""

import re
from collections.abc import Iterator
from decimal import Decimal

from models.text.fidelity.told import LEAST, Told, decade, joined, seasons, told
from models.text.figures import readings

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: Decimal(value) for value, word in enumerate(_SMALL.split())}
_UNITS |= {word: Decimal(10 * ten) for ten, word in enumerate(_TENS, start=2)}
_SCALES = {
    "hundred": Decimal(100),
    "thousand": Decimal(1_000),
    "million": Decimal(1_000_000),
    "billion": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
}
_SHORT_SCALES = {"mn": Decimal(1_000_000), "bn": Decimal(10) ** 9}

_LOOSE = {
    "an?|once|single|only|lone": told(1, must=False),
    "both|twice|double[ds]?|pairs?|twins?|couple|dual|two-?fold|halves|seconds?": told(2, 200, must=False),
    "half": told("0.5", 50, 30, 2, must=False),
    "triple[ds]?|thrice|trio|thirds?|threes|three-?fold": told(3, 33, must=False),
    "quarters?|fourths?|quadrupled?|fours": told("0.25", 4, 25, 75, 15, 45, must=False),
    "fifths?|fives": told(5, 20, must=False),
    "tenths?|decades?|tens": told(10, 20, must=False),
    "dozens?": told(12, 24, must=False),
    "noon|midday": told(12, must=False),
    "midnight": told(0, 12, 24, must=False),
    "no|nil|none|nothing|zeros?": told(0, must=False),
    "hundreds|century|centuries|hundredths?|centennial|centenary": told(100, 200, must=False),
    "thousands|millennium|millennia": told(1_000, 2_000, must=False),
}
_LOOSE_WORDS = [(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), number) for words, number in _LOOSE.items()]
_NTH = {word: told(value, must=value >= LEAST) for value, word in enumerate(_ORDINALS.split())}
_NTH |= {word[:-1] + "ieth": told(10 * ten) for ten, word in enumerate(_TENS, start=2)}
_DECADES = {f"{word[:-1]}ies": 10 * ten for ten, word in enumerate(_TENS, start=2)}

_WORDS = "|".join([*sorted(_UNITS, key=len, reverse=True), *_SCALES])
_SPELT = re.compile(
    rf"\b(?:half a )?(?:{_WORDS})(?:(?:[ -]and a half |(?<=undred|ousand|illion) and |[ -])(?:{_WORDS})\b)*"
    r"(?: and a half)?\b",
    re.IGNORECASE,
)
_NTH_FOLLOWS = re.compile(rf"[ -]({'|'.join(_ORDINALS.split()[1:10])})\b", re.IGNORECASE)
_ROMAN = re.compile(r"\b[IVX]{1,6}\b")
_GROUP = re.compile(r"\bGroup ([A-H])\b")
_RANGE = r"(?: ?(?:-|to|and|or) ?\$?\d+(?:[.,]\d+)*)?"
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_SCALE = re.compile(rf"{_RANGE}[ -]?(?:({'|'.join(_SCALES)})s?|(bn|mn))\b", re.IGNORECASE)
_PERCENT = re.compile(rf"{_RANGE}[ -]?(?:%|per ?cent|percent|pct)", re.IGNORECASE)


def english_numbers(text: str) -> list[Told]:
    form = joined(text)
    return [*_figures(form), *_spelt(form), *_loose(form)]


def _figures(form: str) -> Iterator[Told]:
    for match in _FIGURE.finditer(form):
        is_percent = bool(_PERCENT.match(form, match.end()))
        factor = _scale(_SCALE.match(form, match.end()))
        for own in readings(match[0]):
            scaled = frozenset(reading * factor for reading in own)
            yield Told(scaled, min(scaled) >= LEAST, is_percent)
            if factor > 1:
                yield Told(own, False)


def _scale(found: re.Match[str] | None) -> Decimal:
    if not found:
        return Decimal(1)
    return _SCALES[found[1].lower()] if found[1] else _SHORT_SCALES[found[2].lower()]


def _spelt(form: str) -> Iterator[Told]:
    for match in _SPELT.finditer(form):
        text, before, rest = match[0].lower(), form[: match.start()], form[match.end() :]
        value = _value(text)
        if nth := _NTH_FOLLOWS.match(rest):
            value += min(_NTH[nth[1].lower()].readings)
        # The scale of a figure, "a multi-million deal", "a million-dinar deal".
        is_mere_scale = re.split("[ -]", text)[0] in _SCALES and (
            before[-1:] == "-" or rest[:1] == "-" or before[-2:-1].isdecimal()
        )
        readings_of = {value, value - Decimal("0.5")} if text.endswith("half") else {value}
        must = value >= LEAST and not is_mere_scale and not nth
        yield Told(frozenset(readings_of), must, bool(_PERCENT.match(rest)))


def _value(text: str) -> Decimal:
    """Of number words in a row, "half a" and "and a half" among them."""
    total, group = Decimal(0), Decimal(0)
    if text.startswith("half a "):
        group = Decimal("0.5")
    for word in re.findall("[a-z]+", text.removeprefix("half a ")):
        if word in _UNITS:
            group += _UNITS[word]
        elif word == "hundred":
            group = (group or Decimal(1)) * 100
        elif word == "half":
            group += Decimal("0.5")
        elif word in _SCALES:
            total += (group or Decimal(1)) * _SCALES[word]
            group = Decimal(0)
    return total + group


def _loose(form: str) -> Iterator[Told]:
    yield from seasons(form)
    for roman in _ROMAN.findall(form):
        yield told(_roman_value(roman), must=False)
    for group in _GROUP.findall(form):
        yield told("ABCDEFGH".index(group) + 1, must=False)
    for pattern, number in _LOOSE_WORDS:
        if pattern.search(form):
            yield number
    for word in re.findall("[a-z]+", form.lower()):
        if word in _NTH:
            yield _NTH[word]
        if word in _DECADES:
            yield decade(_DECADES[word])


def _roman_value(roman: str) -> int:
    values = ["IVX".index(letter) for letter in roman]
    worth = (1, 5, 10)
    after = [*values[1:], 0]
    return sum(worth[own] if own >= next_ else -worth[own] for own, next_ in zip(values, after, strict=True))
