"""Placement: the tags of a run set around the English words that say what they stood around."""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import itemgetter

from api.compat.inline import Node, Span, Tree, common, covers, sentence_around
from api.compat.passages import Sentence, Translated, gaps
from api.compat.phrases import WORD, find_phrase, is_word
from models.text.arabic import for_engine

_SPACED_WORD = re.compile(rf"(\s*)({WORD.pattern})")
_NEAR_WORDS = 20
Place = Callable[[int], int]  # from an offset into the run's text to the English word that stands there


def placed(text: str, tree: Tree, translated: Translated) -> str:
    """The run in English with all its tags, each once, well nested where they were."""
    return _Placement(text, translated).rendered(tree)


class _Placement:
    """The English words of a run, and beside each the tags that stand before and after it."""

    def __init__(self, text: str, translated: Translated) -> None:
        self._text = text
        self._translated = translated
        self._sentences = translated[text]
        self._gaps: list[str] = []
        self._words: list[str] = []
        self._spans: dict[Span, Span] = {}  # of a sentence: its words
        for gap, sentence in zip(gaps(text, self._sentences), self._sentences, strict=True):
            self._read(gap, sentence)
        self._places = list(self._spans)
        self._starts, self._ends = ({place[edge] for place in self._places} for edge in (0, 1))
        self._before: list[list[str]] = [[] for _ in range(len(self._words) + 1)]
        self._after: list[list[str]] = [[] for _ in self._words]

    def _read(self, gap: str, sentence: Sentence) -> None:
        first = len(self._words)
        for found in _SPACED_WORD.finditer(sentence.target.strip()):
            self._gaps.append(found[1] if len(self._words) > first else gap)
            self._words.append(found[2])
        self._spans[sentence.start, sentence.end] = (first, len(self._words))

    def rendered(self, tree: Tree) -> str:
        self._insert(tree, (0, len(self._words)), self._place, (0, len(self._text)))
        pieces: list[str] = []
        for index, word in enumerate(self._words):
            pieces += [_escaped(self._gaps[index]), *self._before[index], _escaped(word), *self._after[index]]
        tail = self._text[self._sentences[-1].end :] if self._sentences else self._text
        return "".join([*pieces, *self._before[-1], _escaped(tail)])

    def _insert(self, tree: Tree, words: Span, place: Place, source: Span) -> None:
        spans = self._chosen(tree, words, place, source)
        for span, node in sorted(zip(spans, tree, strict=True), key=lambda pair: pair[0]):
            first, end = span
            if first < end:
                self._before[first].append(node.open)
                self._insert(node.children, span, self._inside(node, span, place), (node.start, node.end))
                self._after[end - 1].append(node.close)
            elif words[0] < first and (first == words[1] or self._hugs(node, first)):
                self._after[first - 1].append(node.raw)
            else:
                self._before[first].append(node.raw)

    def _hugs(self, node: Node, word: int) -> bool:
        """A lone end tag stands at the word before it, unless that would put it before other tags."""
        return node.raw.startswith("</") and not self._before[word]

    def _chosen(self, tree: Tree, words: Span, place: Place, source: Span) -> list[Span]:
        """For each node the words that say it, where they are found; else those about where it stood."""
        chosen: dict[int, Span] = {}
        taken = _Taken()
        for index in sorted(range(len(tree)), key=lambda it: tree[it].start - tree[it].end):
            span = self._found(tree[index], words, place, source)
            if span and taken.take(span):
                chosen[index] = span
        for index, node in enumerate(tree):
            if index not in chosen and node.start < node.end:
                span = self._about(node, words, place)
                if not any(map(is_word, self._words[slice(*span)])) or not taken.take(span):
                    word = taken.free_word_near(span[0], words, self._words)
                    if word is None:
                        return self._in_order(tree, words, place)
                    span = (word, word + 1)
                    taken.take(span)
                chosen[index] = span
        for index, node in enumerate(tree):
            if index not in chosen:
                word = taken.edge_near(min(max(place(node.start), words[0]), words[1]))
                chosen[index] = (word, word)
        return [chosen[index] for index in range(len(tree))]

    def _found(self, node: Node, words: Span, place: Place, source: Span) -> Span | None:
        sentence = sentence_around(node, self._places)
        if sentence is None:
            return None
        first, end = common(self._spans[sentence], words)
        within = common(sentence, source)
        if covers(self._text, node, within):
            return self._trimmed((first, end)) if within != (node.start, node.end) else (first, end)
        phrase = self._english(self._text[node.start : node.end])
        near = (place(node.start) + place(node.end)) / 2 - first
        span = find_phrase(phrase, self._words[first:end], near)
        return (first + span[0], first + span[1]) if span else None

    def _english(self, phrase: str) -> str:
        """Figures and Latin words stand in English as they are; what was not asked for is not found."""
        known = self._translated.get(phrase)
        return " ".join(it.target for it in known) if known else for_engine(phrase)

    def _about(self, node: Node, words: Span, place: Place) -> Span:
        first, end = (min(max(place(it), words[0]), words[1]) for it in (node.start, node.end))
        if end <= first:
            first = min(first, words[1] - 1)
            end = first + 1
        first = max(first, words[0])
        inside = self._trimmed((first, end))
        starts, ends = node.start in self._starts, node.end in self._ends
        return first if starts else inside[0], end if ends else inside[1]

    def _in_order(self, tree: Tree, words: Span, place: Place) -> list[Span]:
        """Where nothing better can be had: the order of the source, which is well nested by itself."""
        spans: list[Span] = []
        last = words[0]
        for node in tree:
            first = min(max(place(node.start), last), words[1])
            last = min(max(place(node.end), first + (node.start < node.end)), words[1])
            spans.append((first, last))
        return spans

    def _trimmed(self, span: Span) -> Span:
        """Without the signs at its edges, unless there is nothing else."""
        inside = [index for index in range(*span) if is_word(self._words[index])]
        return (inside[0], inside[-1] + 1) if inside else span

    def _inside(self, node: Node, words: Span, place: Place) -> Place:
        if sentence_around(node, self._places):
            return _scale((node.start, node.end), words)
        return lambda offset: min(max(place(offset), words[0]), words[1])

    def _place(self, offset: int) -> int:
        index = bisect_right(self._places, offset, key=itemgetter(1))
        if index == len(self._places):
            return len(self._words)
        sentence = self._places[index]
        return _scale(sentence, self._spans[sentence])(offset)


class _Taken:
    """The words that elements side by side have been given."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}  # by word: the end of its span

    def take(self, span: Span) -> bool:
        """Whether all of it was free and is taken now."""
        if span[0] >= span[1] or any(word in self._ends for word in range(*span)):
            return False
        self._ends.update((word, span[1]) for word in range(*span))
        return True

    def free_word_near(self, word: int, words: Span, tokens: Sequence[str]) -> int | None:
        close = range(max(words[0], word - _NEAR_WORDS), min(words[1], word + _NEAR_WORDS))
        free = [it for it in close if it not in self._ends and is_word(tokens[it])]
        return min(free, key=lambda it: abs(it - word), default=None)

    def edge_near(self, word: int) -> int:
        """The word itself, unless it is inside a span: what stands alone does not part one."""
        end = self._ends.get(word)
        return end if end is not None and self._ends.get(word - 1) == end else word


def _scale(source: Span, words: Span) -> Place:
    share = (words[1] - words[0]) / max(1, source[1] - source[0])
    return lambda offset: words[0] + round(min(max(offset - source[0], 0), source[1] - source[0]) * share)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\u00a0", "&nbsp;")
