"""The arithmetic of places on a page (ISO 32000-2, 8.3)."""

import math
from collections.abc import Sequence
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def matrix_of(numbers: Sequence[Any]) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return a, b, c, d, e, f


def times(m: Matrix, n: Matrix) -> Matrix:
    """First m, then n."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def moved(m: Matrix, x: float, y: float) -> Matrix:
    return times((1.0, 0.0, 0.0, 1.0, x, y), m)


def placed(m: Matrix, ink: float, size: float, rise: float) -> tuple[float, float, float, float, int] | None:
    """Where a glyph stands: x, y, width and height once the page is turned, and by how many quarters."""
    x, y = m[4] + rise * m[2], m[5] + rise * m[3]
    along = math.hypot(m[0], m[1])
    height = abs(size) * math.hypot(m[2], m[3])
    if not all(map(math.isfinite, (x, y, ink * along, height))) or height == 0 or along == 0:
        return None
    sign = -1.0 if size < 0 else 1.0
    turn = round(math.atan2(sign * m[1], sign * m[0]) / (math.pi / 2)) % 4
    if turn == 2 and sign * m[3] > 0:
        # Mirrored, not turned: recognised Arabic is laid under a scan like this, running leftwards.
        return x - abs(ink) * along, y, abs(ink) * along, height, 0
    for _ in range(turn):
        x, y = y, -x
    return x, y, abs(ink) * along, height, turn
