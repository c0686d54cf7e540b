"""Months told: شباط and فبراير are February, and so is the 2 of 14/2; رمضان is the 9 of 9/1445."""

import re

from models.text.arabic import for_matching

_NAMES = "january february march april may june july august september october november december"
_ENGLISH = {name: number for number, name in enumerate(_NAMES.split(), start=1)}
_ENGLISH |= {name[:3]: number for name, number in _ENGLISH.items()} | {"sept": 9}
# Of the Hijri calendar, those of one word that are not often something else, as «صفر» is zero.
_HIJRI_ENGLISH = {"muharram": 1, "rajab": 7, "shaaban": 8, "sha'ban": 8, "shaban": 8}
_HIJRI_ENGLISH |= {"ramadan": 9, "ramadhan": 9, "ramazan": 9, "shawwal": 10, "shawal": 10}
_HIJRI_ARABIC = {"محرم": 1, "رجب": 7, "شعبان": 8, "رمضان": 9, "شوال": 10}
_HIJRI = _HIJRI_ARABIC.keys() | _HIJRI_ENGLISH.keys()
_ENGLISH |= _HIJRI_ENGLISH

# Of the Mashriq, of Egypt and the Gulf, of the Maghreb; as for_matching writes them.
_TRADITIONS = (
    "كانون الثاني|يناير|جانفي",
    "شباط|فبراير|فيفري",
    "اذار|مارس",
    "نيسان|ابريل|افريل",
    "ايار|مايو|ماي",
    "حزيران|يونيو|يونيه|جوان",
    "تموز|يوليو|يوليه|يوليوز|جويليه",
    "اب|اغسطس|غشت|اوت",
    "ايلول|سبتمبر|شتنبر",
    "تشرين الاول|اكتوبر",
    "تشرين الثاني|نوفمبر|نونبر",
    "كانون الاول|ديسمبر|دجنبر",
)
_ARABIC = {name: number for number, row in enumerate(_TRADITIONS, start=1) for name in row.split("|")}
_ARABIC |= _HIJRI_ARABIC

# Words that also mean something else are surely months only in a date.
_AMBIGUOUS = {"اب", "ماي", "مارس", "جوان", "اوت", "تموز", "نيسان", "may", "march", "august", "april", "june"}
_ARABIC_MONTH = re.compile(
    rf"(?P<before>\d ?(?:من )?(?:شهر )?|شهر |/ ?)?\b[وفبلك]{{0,2}}(?P<name>{'|'.join(_ARABIC)})\b"
    r"(?P<after> ?[/(]? ?(?:من )?(?:عام )?\d)?"
)
_ENGLISH_MONTH = re.compile(
    rf"(?P<before>\d(?:st|nd|rd|th)? (?:of )?)?\b(?P<name>{'|'.join(_ENGLISH)})\b\.?(?P<after>,? \d)?",
    re.IGNORECASE,
)


def arabic_months(source: str, *, sure: bool) -> set[int]:
    """1 to 12; with `sure`, only those that cannot be meant otherwise."""
    return _months(_ARABIC_MONTH, _ARABIC, for_matching(source), sure)


def english_months(target: str, *, sure: bool) -> set[int]:
    return _months(_ENGLISH_MONTH, _ENGLISH, target, sure)


def _months(pattern: re.Pattern[str], numbers: dict[str, int], text: str, sure: bool) -> set[int]:
    found = [match for match in pattern.finditer(text) if not sure or _is_sure(match)]
    return {numbers[match["name"].lower()] for match in found}


def _is_sure(match: re.Match[str]) -> bool:
    """English names have a capital and more than the three letters of "Mar" and "Dec"."""
    name: str = match["name"]
    beside = f"{match['before'] or ''}{match['after'] or ''}"
    if name.lower() in _HIJRI:  # «شهر رمضان» may be "the holy month"
        return any(char.isdecimal() for char in beside)
    if beside:
        return True
    return name.lower() not in _AMBIGUOUS and (name in _ARABIC or (name.istitle() and len(name) > 4))
