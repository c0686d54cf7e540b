"""Where a glossary's terms stand in Arabic text: whole words, whatever clitics are attached to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from models.text.term_tree import Step, Term, TermTree, WordsOfText, read_term, spelling
from models.text.words import Reading, Word, pronouns, readings

Key = tuple[Step, ...]  # a term's words, folded, with the punctuation between them

# Particles that a name would be taken for if ى were always ي: على and علي.
_PARTICLES = frozenset({"على", "إلى", "الى", "حتى", "متى", "لدى", "سوى"})


@dataclass(frozen=True, slots=True)
class Match:
    """`text[start:end]` with its clitics, `text[core_start:core_end]` without; `proclitics` and `pronoun`
    are letters without marks. What ل swallows of an article is not in the core: ل and لكاظمي."""

    term: int  # its place in the glossary
    start: int
    end: int
    core_start: int
    core_end: int
    proclitics: str
    pronoun: str
    has_article: bool  # taken off, and not the term's own


@dataclass(frozen=True, slots=True)
class _Found:
    term: Term
    first: int  # word
    reading: Reading
    pronoun: str

    @property
    def after(self) -> int:
        return self.first + len(self.term.steps)

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Longest first: by words, then by the letters that are the term's own, then by place."""
        own_letters = len(self.reading.core) - len(self.pronoun)
        return -len(self.term.steps), -own_letters, self.first, self.term.place


def term_key(arabic: str) -> Key:
    """The same for two terms that are one to `Matcher`; empty for one without any word."""
    term = read_term(0, arabic)
    return term.steps if term else ()


class Matcher:
    """Tashkeel, tatweel, the forms of hamza and alef, ي and ى, ة and ه, case and the width of spaces do not
    matter. Clitics stand only before the first word and after the last; dual and plural endings are
    other words, and so is the adjective in ي."""

    def __init__(self, arabic_terms: Sequence[str]) -> None:
        """Terms without a word are never found."""
        read = [read_term(place, arabic) for place, arabic in enumerate(arabic_terms)]
        self._has_terms = any(read)
        self._tree = TermTree(term for term in read if term)

    def find(self, text: str) -> list[Match]:
        """In the order of the text, without overlaps; of two that overlap the longer one is found."""
        if not self._has_terms:
            return []
        own = self._tree.read(text)
        free = [True] * len(own.words)
        at_each = (self._best(own, first, len(own.words)) for first in range(len(own.words)))
        waiting = [(found.rank, found) for found in at_each if found]
        heapify(waiting)
        matches = []
        while waiting:
            _, found = heappop(waiting)
            taken = next((word for word in range(found.first, found.after) if not free[word]), None)
            if taken is None:
                free[found.first : found.after] = [False] * len(found.term.steps)
                matches.append(_match(own.words, found))
            elif taken > found.first and (shorter := self._best(own, found.first, taken - found.first)):
                heappush(waiting, (shorter.rank, shorter))
        return sorted(matches, key=lambda match: match.start)

    def _best(self, text: WordsOfText, first: int, most_words: int) -> _Found | None:
        """The longest term of so many words that begins there."""
        read = (self._longest(text, first, most_words, it) for it in readings(text.words[first].folded))
        return min((found for found in read if found), key=lambda found: found.rank, default=None)

    def _longest(self, text: WordsOfText, first: int, most_words: int, reading: Reading) -> _Found | None:
        word = text.words[first]
        is_whole = not (reading.article or reading.swallowed)
        own_pronouns = list(pronouns(word.letters[reading.first :])) if is_whole else []
        core = spelling(reading.core)
        for endings in self._tree.longest_first(text, first, most_words, core, own_pronouns):
            found = [
                _Found(term, first, reading, it) for term, it in endings if _may_stand(term, word, reading)
            ]
            if whole := [it for it in found if _core(text.words, it)]:
                return min(whole, key=lambda it: it.rank)
        return None


def _may_stand(term: Term, word: Word, reading: Reading) -> bool:
    if reading.swallowed and not term.definite:
        return False
    if reading.article and term.definite:
        return False
    is_particle = len(term.steps) == 1 and word.letters[reading.first :] in _PARTICLES
    return term.ends_in_maqsura or not is_particle


def _core(text_words: Sequence[Word], found: _Found) -> tuple[int, int] | None:
    """Where it stands without clitics; None where a clitic and the word are one character of the text."""
    last = text_words[found.after - 1]
    start = text_words[found.first].place(found.reading.first)
    end = last.place(len(last.letters) - len(found.pronoun))
    return None if start is None or end is None else (start, end)


def _match(text_words: Sequence[Word], found: _Found) -> Match:
    word, core = text_words[found.first], _core(text_words, found)
    assert core  # noqa: S101
    return Match(
        term=found.term.place,
        start=word.start,
        end=text_words[found.after - 1].end,
        core_start=core[0],
        core_end=core[1],
        proclitics=word.letters[: found.reading.first],
        pronoun=found.pronoun,
        has_article=found.reading.article,
    )
