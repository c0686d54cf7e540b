"""Batches: texts cut to what an engine can read at once, sorted by length, within a token budget."""

import re
from collections.abc import Callable, Iterator, Sequence

_CLAUSE_END = re.compile(r"[,;:،؛-] ")


def fit(text: str, limit: int, count_tokens: Callable[[str], int]) -> list[str]:
    """The text in pieces of at most `limit` tokens, cut at the clause end or space nearest the middle.

    A piece without any space is cut at a character. Joined again, the pieces lose only white space.
    """
    if count_tokens(text) <= limit or len(text) < 2:
        return [text]
    middle = _cut(text)
    halves = (text[:middle].strip(), text[middle:].strip())
    return [piece for half in halves if half for piece in fit(half, limit, count_tokens)]


def by_token_budget(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices in batches, longest first; count × longest stays within `budget`, or the batch is one."""
    batch: list[int] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True):
        if batch and (len(batch) + 1) * longest > budget:
            yield batch
            batch = []
        if not batch:
            longest = lengths[index]
        batch.append(index)
    if batch:
        yield batch


def _cut(text: str) -> int:
    middle = len(text) // 2
    clauses = [match.end() for match in _CLAUSE_END.finditer(text)]
    near = [end for end in clauses if len(text) // 4 <= end <= 3 * len(text) // 4]
    spaces = near or [match.end() for match in re.finditer(" ", text.rstrip())]
    return min(spaces, key=lambda end: abs(end - middle)) if spaces else middle
