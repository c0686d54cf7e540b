"""Signs that a translated segment lost or bent something: cheap checks of the text, not of the meaning."""

import re

from models.text.arabic import count_arabic_letters, for_engine

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}")
_SCALES = (1_000, 1_000_000, 1_000_000_000)
_MONTHS = "january february march april may june july august september october november december"
# How English writes small and round numbers, ordinals, fractions and multiples among them.
_SPELT = {
    0: "zero|no|nil|midnight",
    1: "one|ones|once|first|single|an?",
    2: "two|twos|twice|second|seconds|both|half|halves|pair|double",
    3: "three|threes|thirds?|triple|thrice",
    4: "four|fours|fourths?|quarters?",
    5: "five|fives|fifths?",
    6: "six|sixths?",
    7: "seven|sevenths?",
    8: "eight|eighths?",
    9: "nine|ninths?",
    10: "ten|tens|tenths?|decades?",
    11: "eleven|eleventh",
    12: "twelve|twelfth|noon|dozens?",
    18: "eighteen|eighteenth",
    20: "twent\\w+",
    24: "two[ -]dozen",
    30: "thirt\\w+",
    40: "fort(?:y|ie)\\w*",
    50: "fift\\w+|half",
    100: "hundreds?|centur\\w+",
    1000: "thousands?",
}
_SPELT_IN_ARABIC = re.compile(
    "واحد|[إا]ثن|ثلا|[أا]ربع|خمس|ست|سبع|ثمان|تسع|عشر|مئ|مائ|[أآا]لف|[آا]لاف|ملي|ملاي|نصف|ربع|ثلث|قرن|عقد|دزين"
)
_BIGGEST_COUNTED = 12
_SCALE_WORD = re.compile(
    r"[أآا]لف|[آا]لاف|ملي|ملاي|\b(?:thousand|[mb]illion)s?\b|\d ?(?:k|m|bn)\b", re.IGNORECASE
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LETTERS_LOOP = re.compile(r"([^\W\d_]{1,4}?)\1{5,}")
_LONGEST_LOOP = 8
_LOOP_TURNS = {1: 4, 2: 3}

# English takes about 1.2 characters for each of Arabic; short segments vary more than long ones.
_SHORTEST, _LONGEST, _SLACK_CHARS = 0.8, 1.8, 20

_QUESTION = re.compile(r"\?(?![\w=&/])")


def flags(source: str, target: str) -> list[str]:
    """What is doubtful about this Arabic segment's English, in a fixed order; empty when all is well."""
    source, target = for_engine(source), for_engine(target)
    checks = {
        "number-mismatch": loses_numbers(source, target) or invents_numbers(source, target),
        "untranslated": count_arabic_letters(target) > 0,
        "repetition": loops(target) and not loops(source),
        "length-ratio": is_oddly_long(source, target),
        "question-lost": bool(_QUESTION.search(source)) and "?" not in target,
    }
    return [name for name, found in checks.items() if found]


def loses_numbers(source: str, target: str) -> bool:
    """Whether a figure of the source is in the target neither as a figure nor, if small, as a word."""
    given = _numbers(target)
    if _SCALE_WORD.search(source) or _SCALE_WORD.search(target):
        given |= {number * scale for scale in _SCALES for number in given}
        given |= {number / scale for scale in _SCALES for number in _numbers(target)}
    return any(not _is_among(number, given) and not _is_spelt(number, target) for number in _numbers(source))


def invents_numbers(source: str, target: str) -> bool:
    """Whether the target has a figure that the source has neither as a figure nor perhaps in words."""
    if _SPELT_IN_ARABIC.search(source):
        return False
    given = _numbers(source)
    return any(number > _BIGGEST_COUNTED and not _is_among(number, given) for number in _numbers(target))


def _numbers(text: str) -> set[float]:
    return {_value(match[0]) for match in _NUMBER.finditer(text)}


def _value(figure: str) -> float:
    if _THOUSANDS.fullmatch(figure):
        figure = figure.replace(",", "") if "," in figure else figure.replace(".", "")
    whole, *parts = re.split("[.,]", figure)
    return float(f"{whole}.{''.join(parts) or 0}")


def _is_among(number: float, others: set[float]) -> bool:
    """Also as the hour of another clock: 17:30 and 5:30 pm."""
    return number in others or bool({number - 12, number + 12} & others & set(range(24)))


def _is_spelt(number: float, target: str) -> bool:
    words = _SPELT.get(int(number), "") if number in _SPELT else ""
    if 1 <= number <= _BIGGEST_COUNTED and number.is_integer():
        words += "|" + _MONTHS.split()[int(number) - 1]
    return bool(words) and bool(re.search(rf"\b(?:{words})\b", target, re.IGNORECASE))


def loops(text: str) -> bool:
    """Whether the text says the same one to eight words over and over, or stutters inside a word."""
    words = [word.casefold() for word in _WORD.findall(text)]
    return bool(_LETTERS_LOOP.search(text)) or any(
        _turns(words, size) >= _LOOP_TURNS.get(size, 3) for size in range(1, _LONGEST_LOOP + 1)
    )


def _turns(words: list[str], size: int) -> int:
    """How often, at most, `size` words stand in a row without another word between."""
    most = run = 0
    for index in range(size, len(words)):
        run = run + 1 if words[index] == words[index - size] else 0
        most = max(most, run)
    return 1 + most // size if words else 0


def is_oddly_long(source: str, target: str) -> bool:
    """Whether the target is too short or too long to say what the source says."""
    least = _SHORTEST * len(source) - _SLACK_CHARS
    return not max(1.0, least) <= len(target) <= _LONGEST * len(source) + _SLACK_CHARS
