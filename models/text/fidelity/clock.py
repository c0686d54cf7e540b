"""Times of day written alike: 10.30, 10,30 and 1030 GMT as 10:30, and 15:00 as 15."""

import re

_DOTTED = re.compile(r"(?<=الساعة )(\d{1,2})[.,](\d\d)(?![\d.,%])|\b(\d{1,2})\.(\d\d)(?= ?[ap]\.?m\b)")
_FOUR_DIGITS = re.compile(r"\b([01]\d|2[0-4])([0-5]\d)(?= (?:GMT|UTC|(?:ب?ال|ب)?توقيت|ت\.? ?غ)\b)")
_FULL_HOUR = re.compile(r"(?<![\d:])(\d{1,2}):00(?![\d:])")


def with_plain_times(text: str) -> str:
    text = _DOTTED.sub(lambda time: f"{time[1] or time[3]}:{time[2] or time[4]}", text)
    return _FULL_HOUR.sub(r"\1", _FOUR_DIGITS.sub(r"\1:\2", text))
