"""Where a glossary's terms stand in Arabic text: whole words, whatever clitics are attached to them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.text.arabic import for_engine
from models.text.words import Reading, Word, pronouns, readings, stems, words

Key = tuple[str, ...]  # a term's words, folded, with the punctuation between them

# Particles that a name would be taken for if ى were always ي: على and علي.
_PARTICLES = frozenset({"على", "إلى", "الى", "حتى", "متى", "لدى", "سوى"})
_SPELLINGS = (("اميرك", "امريك"), ("ديبلوماس", "دبلوماس"))


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
class _Term:
    place: int
    folded: tuple[str, ...]
    gaps: tuple[str, ...]
    stems: frozenset[str]  # of the last word, before a pronoun; none where it has the article
    definite: bool
    ends_in_maqsura: bool


@dataclass(frozen=True, slots=True)
class _Found:
    term: _Term
    first: int  # word
    reading: Reading
    pronoun: str

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Longest first: by words, then by the letters that are the term's own, then by place."""
        length = len(self.term.folded)
        return -length, len(self.pronoun) - len(self.reading.core), self.first, self.term.place


def term_key(arabic: str) -> Key:
    """The same for two terms that are one to `Matcher`; empty for one without any word."""
    term = _read(0, arabic)
    return (*term.folded, *term.gaps) if term else ()


class Matcher:
    """Tashkeel, tatweel, the forms of hamza and alef, ي and ى, ة and ه, case and the width of spaces do not
    matter. Clitics stand only before the first word and after the last; dual and plural endings are
    other words, and so is the adjective in ي."""

    def __init__(self, arabic_terms: Sequence[str]) -> None:
        """Terms without a word are never found."""
        self._by_word: dict[str, list[_Term]] = defaultdict(list)
        self._by_stem: dict[str, list[_Term]] = defaultdict(list)
        for place, arabic in enumerate(arabic_terms):
            if term := _read(place, arabic):
                self._by_word[term.folded[0]].append(term)
                if len(term.folded) == 1:
                    for stem in term.stems:
                        self._by_stem[stem].append(term)

    def find(self, text: str) -> list[Match]:
        """In the order of the text, without overlaps; of two that overlap the longer one is found."""
        if not self._by_word:
            return []
        text_words = list(words(text))
        found = [it for first in range(len(text_words)) for it in self._at(text, text_words, first)]
        taken: set[int] = set()
        matches = []
        for it in sorted(found, key=lambda it: it.rank):
            own = range(it.first, it.first + len(it.term.folded))
            match = None if taken.intersection(own) else _match(text_words, it)
            if match:
                taken.update(own)
                matches.append(match)
        return sorted(matches, key=lambda match: match.start)

    def _at(self, text: str, text_words: Sequence[Word], first: int) -> Iterator[_Found]:
        word = text_words[first]
        for reading in readings(word.folded):
            core = _spelling(reading.core)
            for term in self._by_word.get(core, ()):
                if _may_stand(term, word, reading):
                    for pronoun in _rest(term, text, text_words, first):
                        yield _Found(term, first, reading, pronoun)
            if reading.article or reading.swallowed:
                continue
            for pronoun in pronouns(word.letters[reading.first :]):
                for term in self._by_stem.get(core[: -len(pronoun)], ()):
                    yield _Found(term, first, reading, pronoun)


def _read(place: int, arabic: str) -> _Term | None:
    own = list(words(arabic))
    if not own:
        return None
    last = own[-1].letters
    return _Term(
        place=place,
        folded=tuple(_spelling(word.folded) for word in own),
        gaps=tuple(_gap(arabic, one, other) for one, other in pairwise(own)),
        stems=frozenset() if last.startswith(("ال", "ٱل")) else frozenset(map(_spelling, stems(last))),
        definite=own[0].letters.startswith(("ال", "ٱل")),
        ends_in_maqsura=last.endswith("ى"),
    )


def _spelling(folded: str) -> str:
    for written, usual in _SPELLINGS:
        folded = folded.replace(written, usual)
    return folded


def _gap(text: str, one: Word, other: Word) -> str:
    """What is between two words, white space and marks aside."""
    return for_engine(text[one.end : other.start])


def _may_stand(term: _Term, word: Word, reading: Reading) -> bool:
    if reading.swallowed and not term.definite:
        return False
    if reading.article and term.definite:
        return False
    is_particle = len(term.folded) == 1 and word.letters[reading.first :] in _PARTICLES
    return term.ends_in_maqsura or not is_particle


def _rest(term: _Term, text: str, text_words: Sequence[Word], first: int) -> Iterator[str]:
    """The pronoun at the end of the term's further words, or an empty one, where they stand in the text."""
    own = text_words[first : first + len(term.folded)]
    if len(own) < len(term.folded):
        return
    if any(gap != _gap(text, *pair) for gap, pair in zip(term.gaps, pairwise(own), strict=True)):
        return
    if any(_spelling(it.folded) != word for it, word in zip(own[1:-1], term.folded[1:-1], strict=True)):
        return
    last = own[-1]
    if len(own) == 1 or _spelling(last.folded) == term.folded[-1]:
        yield ""
        return
    for pronoun in pronouns(last.letters):
        if _spelling(last.folded[: -len(pronoun)]) in term.stems:
            yield pronoun


def _match(text_words: Sequence[Word], found: _Found) -> Match | None:
    """None where a clitic and the word are one character of the text."""
    word, last = text_words[found.first], text_words[found.first + len(found.term.folded) - 1]
    core_start = word.place(found.reading.first)
    core_end = last.place(len(last.letters) - len(found.pronoun))
    if core_start is None or core_end is None:
        return None
    return Match(
        term=found.term.place,
        start=word.start,
        end=last.end,
        core_start=core_start,
        core_end=core_end,
        proclitics=word.letters[: found.reading.first],
        pronoun=found.pronoun,
        has_article=found.reading.article,
    )
