"""Inline markup of a run: the elements inside its text, and the phrases to be looked for in English."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from models.text.arabic import count_arabic_letters

Span = tuple[int, int]

_WORD_CHARACTER = re.compile(r"[^\W_]")
_DEEPEST = 8
# Each phrase is translated once more: they must not be many times the text.
_DEEPEST_PHRASE = 2
_LONGEST_PHRASE = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag or a comment, by its place in the run's text."""

    offset: int
    raw: str
    name: str
    is_open: bool
    is_close: bool


@dataclass
class Node:
    """An element around text[start:end], white space at its edges left out; or what stands alone."""

    start: int
    end: int
    open: str
    close: str = ""
    children: "list[Node]" = field(default_factory=list)

    @property
    def raw(self) -> str:
        """Its tags, without the text."""
        return self.open + "".join(child.raw for child in self.children) + self.close


Tree = list[Node]


def tree_of(text: str, marks: Sequence[Mark]) -> Tree:
    """Tags that do not pair stand alone, all of them: in the order given they break nothing anew."""
    above: list[tuple[Mark, Tree]] = []
    level: Tree = []
    for mark in marks:
        if mark.is_open and len(above) < _DEEPEST:
            above.append((mark, level))
            level = []
        elif mark.is_close and above and above[-1][0].name == mark.name:
            opened, parent = above.pop()
            start, end = _without_space(text, opened.offset, mark.offset)
            parent.append(Node(start, end, opened.raw, mark.raw, level))
            level = parent
        elif mark.is_open or mark.is_close:
            return _alone(marks)
        else:
            level.append(Node(mark.offset, mark.offset, mark.raw))
    return _alone(marks) if above else level


def phrases(text: str, tree: Tree, sentences: Sequence[Span]) -> Iterator[str]:
    """What is to be translated by itself too, so that its place in the sentence can be found."""
    yield from _phrases(text, tree, sentences, (0, len(text)), 1)


def _phrases(text: str, tree: Tree, sentences: Sequence[Span], parent: Span, depth: int) -> Iterator[str]:
    for node in tree:
        sentence = sentence_around(node, sentences)
        if sentence and not covers(text, node, common(sentence, parent)) and is_phrase(text, node):
            yield text[node.start : node.end]
        if depth < _DEEPEST_PHRASE:
            yield from _phrases(text, node.children, sentences, (node.start, node.end), depth + 1)


def is_phrase(text: str, node: Node) -> bool:
    within = node.end - node.start <= _LONGEST_PHRASE
    return within and count_arabic_letters(text[node.start : node.end]) > 0


def sentence_around(node: Node, sentences: Sequence[Span]) -> Span | None:
    """The one of the sentences, in order, that holds all of an element's text; None where it has none."""
    place = bisect_right(sentences, node.start, key=itemgetter(0)) - 1
    if place < 0 or node.start == node.end or node.end > sentences[place][1]:
        return None
    return sentences[place]


def covers(text: str, node: Node, span: Span) -> bool:
    """No word of the span stands outside the element."""
    return not _WORD_CHARACTER.search(text, span[0], node.start) and not _WORD_CHARACTER.search(
        text, node.end, span[1]
    )


def common(one: Span, other: Span) -> Span:
    return max(one[0], other[0]), min(one[1], other[1])


def _alone(marks: Sequence[Mark]) -> Tree:
    return [Node(mark.offset, mark.offset, mark.raw) for mark in marks]


def _without_space(text: str, start: int, end: int) -> Span:
    inner = text[start:end]
    if not inner.strip():
        return start, start
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())
