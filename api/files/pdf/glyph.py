"""A glyph on a page, and the work of finding all of them."""

from dataclasses import dataclass

_MOST_FORMS = 2_000


@dataclass(slots=True)
class Glyph:
    """`x` and `y` are of its left end, in points, on the page turned level by `turn` quarters."""

    text: str
    x: float
    y: float
    width: float
    size: float
    turn: int


@dataclass
class Work:
    """What the whole document may still cost."""

    bytes_left: int
    characters_left: int
    forms_left: int = _MOST_FORMS
