"""The shape of the English: whether it goes round in circles, and whether its length suits its source."""

import re

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LETTERS_LOOP = re.compile(r"([^\W\d_]{1,4}?)\1{5,}")
_LONGEST_LOOP = 8
_LOOP_TURNS = {1: 4, 2: 3}

# English takes about 1.2 characters for each of Arabic; short segments vary more than long ones.
_SHORTEST, _SHORT_SLACK_CHARS = 0.9, 18
_LONGEST, _LONG_SLACK_CHARS = 1.75, 20


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
    least = _SHORTEST * len(source) - _SHORT_SLACK_CHARS
    return not max(1.0, least) <= len(target) <= _LONGEST * len(source) + _LONG_SLACK_CHARS
