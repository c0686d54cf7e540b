"""Terms as a tree of their words, in which all that begin alike are followed through a text at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from models.text.arabic import for_engine
from models.text.words import Word, pronouns, stems, words

Step = tuple[str, str]  # a word, folded, and the punctuation before it
_SPELLINGS = (("اميرك", "امريك"), ("ديبلوماس", "دبلوماس"))


@dataclass(frozen=True, slots=True)
class Term:
    place: int  # in the glossary
    steps: tuple[Step, ...]
    stems: frozenset[str]  # of the last word, before a pronoun; none where it has the article
    definite: bool
    ends_in_maqsura: bool


Ending = tuple[Term, str]  # a term that ends at a word, and the word's pronoun or ""


@dataclass(slots=True)
class _Node:
    """What is reached by a row of steps; `further` and `stems` are by the number of the next one."""

    terms: list[Term] = field(default_factory=list)
    further: "dict[int, _Node]" = field(default_factory=dict)
    stems: dict[int, list[Term]] = field(default_factory=dict)

    def endings(self, step: int, by_stem: Iterable[tuple[str, int]]) -> list[Ending]:
        node = self.further.get(step)
        whole = [(term, "") for term in node.terms] if node else []
        return whole + [(term, pronoun) for pronoun, stem in by_stem for term in self.stems.get(stem, ())]


class WordsOfText:
    """A text's words; for each the number of the step that it is, and by its pronouns of those it may be."""

    def __init__(self, text: str, numbers: dict[Step, int]) -> None:
        self.words = list(words(text))
        gaps = _gaps(text, self.words)
        self.steps = [
            numbers.get((spelling(it.folded), gap), -1) for it, gap in zip(self.words, gaps, strict=True)
        ]
        self.stems = [_stems(it, gap, numbers) for it, gap in zip(self.words, gaps, strict=True)]


class TermTree:
    def __init__(self, terms: Iterable[Term]) -> None:
        self._numbers: dict[Step, int] = {}
        self._root = _Node()
        for term in terms:
            self._add(term)

    def read(self, text: str) -> WordsOfText:
        return WordsOfText(text, self._numbers)

    def longest_first(
        self, text: WordsOfText, first: int, most_words: int, core: str, pronouns_of_first: Iterable[str]
    ) -> Iterator[list[Ending]]:
        """The terms that begin at the first word, read as `core`: those of the most words come first."""
        step = self._numbers.get((core, ""), -1)
        by_stem = [(it, self._numbers.get((core[: -len(it)], ""), -1)) for it in pronouns_of_first]
        node, path = self._root, []
        for place in range(first, min(first + most_words, len(text.words))):
            if place > first:
                step, by_stem = text.steps[place], text.stems[place]
            reached = node.further.get(step)
            if by_stem or (reached and reached.terms):
                path.append((node, step, by_stem))
            if reached is None:
                break
            node = reached
        return (before.endings(step, by_stem) for before, step, by_stem in reversed(path))

    def _add(self, term: Term) -> None:
        node = self._root
        *_, (_, last_gap) = term.steps
        for step in term.steps:
            above, node = node, node.further.setdefault(self._number(step), _Node())
        node.terms.append(term)
        for stem in term.stems:
            above.stems.setdefault(self._number((stem, last_gap)), []).append(term)

    def _number(self, step: Step) -> int:
        return self._numbers.setdefault(step, len(self._numbers))


def read_term(place: int, arabic: str) -> Term | None:
    """None for one without any word."""
    own = list(words(arabic))
    if not own:
        return None
    last = own[-1].letters
    return Term(
        place=place,
        steps=tuple((spelling(it.folded), gap) for it, gap in zip(own, _gaps(arabic, own), strict=True)),
        stems=frozenset() if last.startswith(("ال", "ٱل")) else frozenset(map(spelling, stems(last))),
        definite=own[0].letters.startswith(("ال", "ٱل")),
        ends_in_maqsura=last.endswith("ى"),
    )


def spelling(folded: str) -> str:
    for written, usual in _SPELLINGS:
        folded = folded.replace(written, usual)
    return folded


def _gaps(text: str, own: Sequence[Word]) -> list[str]:
    """What is before each word and after the one before it, white space and marks aside."""
    between = (text[one.end : other.start] for one, other in pairwise(own))
    return ["", *("" if it == " " else for_engine(it) for it in between)][: len(own)]


def _stems(word: Word, gap: str, numbers: dict[Step, int]) -> list[tuple[str, int]]:
    found = (
        (pronoun, numbers.get((spelling(word.folded[: -len(pronoun)]), gap), -1))
        for pronoun in pronouns(word.letters)
    )
    return [(pronoun, number) for pronoun, number in found if number >= 0]
