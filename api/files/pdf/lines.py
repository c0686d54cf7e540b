"""The lines of a page: glyphs that stand level and near each other, from left to right as they are seen."""

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise

from api.files.pdf.glyph import Glyph

_SAME_LINE = 0.45  # of the size: what is raised by less, an index for instance, is of the line
_WORD_GAP = 0.18
_COLUMN_GAP = 3.0
_SAME_PLACE = 0.2  # of a glyph's width: bold letters are made by printing twice


@dataclass
class Line:
    """`pieces` are the texts of glyphs from left to right, each in logical order in itself, and spaces."""

    pieces: list[str]
    left: float
    right: float
    y: float
    size: float
    turn: int

    @property
    def raw(self) -> str:
        return "".join(self.pieces)


def lines_of(glyphs: list[Glyph]) -> list[Line]:
    """In the order in which the page draws them."""
    lines: list[Line] = []
    level: list[Glyph] = []
    for glyph in glyphs:
        if level and not _is_level(level, glyph):
            lines += _split(level)
            level = []
        level.append(glyph)
    return lines + _split(level)


def _is_level(level: list[Glyph], glyph: Glyph) -> bool:
    first = level[0]
    return glyph.turn == first.turn and abs(glyph.y - first.y) <= _SAME_LINE * max(glyph.size, first.size)


def _split(level: list[Glyph]) -> list[Line]:
    spaces = sorted(it.x + it.width / 2 for it in level if it.text.isspace())
    shown = _printed_once(_with_marks(sorted((it for it in level if it.text.strip()), key=lambda it: it.x)))
    if not shown:
        return []
    runs = [[shown[0]]]
    for before, here in pairwise(shown):
        if here.x - before.x - before.width > _COLUMN_GAP * max(here.size, before.size):
            runs.append([])
        runs[-1].append(here)
    lines = [_line(run, spaces) for run in runs]
    is_arabic = sum("\u0600" <= char <= "\ufefc" for it in shown for char in it.text) * 2 > len(shown)
    return lines[::-1] if is_arabic else lines


def _printed_once(shown: list[Glyph]) -> list[Glyph]:
    kept = shown[:1]
    for glyph in shown[1:]:
        last = kept[-1]
        if glyph.text != last.text or glyph.x - last.x >= _SAME_PLACE * max(glyph.width, 1e-6):
            kept.append(glyph)
    return kept


def _with_marks(shown: list[Glyph]) -> list[Glyph]:
    """A mark over the middle of a letter goes with it; one between letters is where it belongs already."""
    kept: list[Glyph] = []
    marks: list[Glyph] = []
    for glyph in shown:
        is_mark = glyph.width == 0 and all(unicodedata.combining(char) for char in glyph.text)
        (marks if is_mark else kept).append(glyph)
    starts = [it.x for it in kept]
    for mark in marks:
        at = bisect_right(starts, mark.x) - 1
        below = kept[at] if at >= 0 else None
        if below and below.text[0].isalpha() and 0.05 < (mark.x - below.x) / (below.width or 1) < 0.95:
            kept[at] = replace(below, text=below.text + mark.text)
        else:
            at = bisect_left(starts, mark.x)
            kept.insert(at, mark)
            starts.insert(at, mark.x)
    return kept


def _line(glyphs: list[Glyph], spaces: list[float]) -> Line:
    pieces = [glyphs[0].text]
    at = 0
    for before, here in pairwise(glyphs):
        end, start = before.x + before.width / 2, here.x + here.width / 2
        while at < len(spaces) and spaces[at] < end:
            at += 1
        is_between = at < len(spaces) and spaces[at] < start
        if is_between or here.x - before.x - before.width > _WORD_GAP * here.size:
            pieces.append(" ")
        pieces.append(here.text)
    size = max(it.size for it in glyphs)
    return Line(pieces, glyphs[0].x, max(it.x + it.width for it in glyphs), glyphs[0].y, size, glyphs[0].turn)
