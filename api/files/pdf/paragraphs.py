"""Paragraphs: the lines of pages joined where only the page's width broke them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from api.files.pdf.lines import Line

_SENTENCE_END = re.compile(r"[.!?؟…:][\"'»”)\]]*$")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]$")
_SIZE = 0.12
_LEADING = 1.35


@dataclass
class PlacedLine:
    page: int
    line: Line
    text: str
    is_right_to_left: bool


def paragraphs(lines: Sequence[PlacedLine]) -> list[str]:
    """A word that was hyphenated at a line's end is whole again."""
    found: list[str] = []
    leading = _usual_leading(lines)
    for before, line in _with_previous(lines):
        if before is not None and _goes_on(before, line, leading):
            found[-1] = _joined(found[-1], line.text)
        else:
            found.append(line.text)
    return found


def _with_previous(lines: Sequence[PlacedLine]) -> Iterator[tuple[PlacedLine | None, PlacedLine]]:
    return zip([None, *lines], lines, strict=False)


def _goes_on(before: PlacedLine, line: PlacedLine, leading: float) -> bool:
    one, two = before.line, line.line
    if one.turn != two.turn or abs(one.size - two.size) > _SIZE * max(one.size, two.size):
        return False
    if _has_room(before, line):
        return False
    step = one.y - two.y
    if before.page != line.page or step < 0:  # the next page, or the next column
        return not _SENTENCE_END.search(before.text)
    return step <= _LEADING * max(leading, one.size) and two.right > one.left and two.left < one.right


def _has_room(before: PlacedLine, line: PlacedLine) -> bool:
    """Whether the next line's first word would have fitted where this one ends: then it ends a paragraph."""
    one, two = before.line, line.line
    widest = max(one.right - one.left, two.right - two.left)
    is_beside = two.left >= one.right or two.right <= one.left
    if before.page != line.page or is_beside:
        left_over = widest - (one.right - one.left)
    elif before.is_right_to_left:
        left_over = one.left - min(one.left, two.left)
    else:
        left_over = max(one.right, two.right) - one.right
    width_of_char = (two.right - two.left) / max(1, len(line.text))
    return left_over > (len(line.text.split(" ", 1)[0]) + 1.5) * width_of_char


def _usual_leading(lines: Sequence[PlacedLine]) -> float:
    steps = [
        before.line.y - line.line.y
        for before, line in _with_previous(lines)
        if before and before.page == line.page and 0 < before.line.y - line.line.y < 3 * line.line.size
    ]
    return median(steps) if steps else 0.0


def _joined(text: str, more: str) -> str:
    if _HYPHEN.search(text[-2:]) and more[:1].islower():
        return text[:-1] + more
    if text.endswith("\u0640"):
        return text + more
    return f"{text} {more}"
