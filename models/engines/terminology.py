"""Terminology: translation in which a glossary's terms stand in the English, or it is said where not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.engines.contract import Progress, Translation, Translator
from models.engines.stand_ins import STAND_INS, StandIn, Targets, read, with_marks
from models.glossary import Glossary, GlossaryReport, empty_report
from models.text.arabic import for_engine
from models.text.fidelity import FLAGS, flags
from models.text.glossary import Match, Matcher

SEGMENT_FLAGS = (*FLAGS, "name-missing", "truncated", "retried")  # in the order in which they are told

_MOST_PROBLEMS = 20  # told of one term
_SHORTEST, _LONGEST, _SLACK_CHARS = 0.6, 1.6, 15  # beside another English of the same sentence


class Rendering(NamedTuple):
    text: str
    truncated: bool
    flags: list[str]
    from_cache: bool = False


@dataclass(frozen=True)
class _English:
    """One English of a sentence; `doubts` and `rest` (its length) are of all but the terms."""

    text: str
    truncated: bool
    retried: bool
    from_cache: bool
    missing: frozenset[int]  # terms
    doubts: list[str]
    rest: int

    def is_no_worse_than(self, other: "_English") -> bool:
        least, most = _SHORTEST * other.rest - _SLACK_CHARS, _LONGEST * other.rest + _SLACK_CHARS
        return (
            least <= self.rest <= most
            and set(self.doubts) <= set(other.doubts)
            and self.truncated <= other.truncated
        )


class _Sentence:
    def __init__(self, source: str, matches: list[Match], targets: Targets, plain: Translation) -> None:
        self.source = source
        self.matches = matches
        self.targets = targets
        self.best = self._judged(plain)
        self.lost = self.best.missing  # what the plain translation does not have
        self.was_bent = False  # a term stood in another English, but the rest of that was worse

    def consider(self, given: Translation) -> None:
        """Takes it if it has more of the terms and is otherwise no worse."""
        other = self._judged(given)
        if len(other.missing) >= len(self.best.missing):
            return
        if other.is_no_worse_than(self.best):
            self.best = other
        else:
            self.was_bent = True

    def _judged(self, given: Translation) -> _English:
        text = self.targets.spelt(given.text)
        missing = frozenset(term for term, count in self.targets.count(text).items() if count == 0)
        applied = [match for match in self.matches if match.term not in missing]
        names = [self.targets.name(match.term) for match in applied]
        rest = self.targets.masked(text)
        doubts = flags(with_marks(self.source, applied, names), rest)
        return _English(text, given.truncated, given.retried, given.from_cache, missing, doubts, len(rest))

    @property
    def rendering(self) -> Rendering:
        best = self.best
        told = {
            **dict.fromkeys(best.doubts, True),
            "name-missing": bool(best.missing),
            "truncated": best.truncated,
            "retried": best.retried,
        }
        raised = [flag for flag in SEGMENT_FLAGS if told.get(flag)]
        return Rendering(best.text, best.truncated, raised, best.from_cache)


class _Draft(NamedTuple):
    source: str
    marks: list[tuple[re.Pattern[str], str]]  # and what they stand for


class Terminology:
    """Translates, and translates again, all such sentences at once, those that lost a term."""

    def __init__(
        self, translator: Translator, glossary: Glossary | None, report: GlossaryReport | None = None
    ) -> None:
        """`report`: of what was translated before, to be gone on with."""
        self._translator = translator
        self._terms = glossary.terms if glossary else []
        self._matcher = Matcher([term.ar for term in self._terms])
        self.report = report or (empty_report(glossary) if glossary else None)

    def translate(
        self, sources: Sequence[str], progress: Progress, *, name: str = "segment", first: int = 0
    ) -> list[Rendering]:
        """One for each source, in order; problems call the first of them by `name` and `first`."""
        plain = self._translator.translate(sources, progress)
        sentences = [self._sentence(source, given) for source, given in zip(sources, plain, strict=True)]
        for stand_in in (None, *STAND_INS):
            self._try(sentences, stand_in, lambda _done, _total: progress(len(sources), len(sources)))
        for number, sentence in enumerate(sentences, start=first):
            self._count(sentence, f"{name} {number}")
        return [sentence.rendering for sentence in sentences]

    def _sentence(self, source: str, plain: Translation) -> _Sentence:
        matches = self._matcher.find(source)
        targets = Targets({match.term: self._terms[match.term].target for match in matches})
        return _Sentence(source, matches, targets, plain)

    def _try(self, sentences: Sequence[_Sentence], stand_in: StandIn | None, progress: Progress) -> None:
        lacking = [it for it in sentences if it.best.missing]
        drafts = [(it, draft) for it in lacking if (draft := self._draft(it, stand_in))]
        if not drafts:
            return
        given = self._translator.translate([draft.source for _, draft in drafts], progress)
        for (sentence, draft), english in zip(drafts, given, strict=True):
            text = read(english.text, draft.marks)
            if text is not None and not any(it.is_left_in(text, sentence.source) for it in STAND_INS):
                sentence.consider(english._replace(text=text))

    def _draft(self, sentence: _Sentence, stand_in: StandIn | None) -> _Draft | None:
        """With stand-ins for the lost terms, or with their English itself; None where that cannot be."""
        lost = [match for match in sentence.matches if match.term in sentence.lost]
        written: list[str] = []
        marks: list[tuple[re.Pattern[str], str]] = []
        for number, match in enumerate(lost, start=1):
            term = self._terms[match.term]
            if stand_in is None and term.en:
                written.append(term.en)
                continue
            form = stand_in or STAND_INS[0]
            if form.find(number).search(for_engine(sentence.source)):
                return None
            written.append(form.write(number))
            marks.append((form.find(number), term.target))
        if stand_in is None and len(marks) == len(lost):
            return None  # nothing has an English: it is the same as with the first stand-in
        return _Draft(with_marks(sentence.source, lost, written), marks)

    def _count(self, sentence: _Sentence, where: str) -> None:
        reports = self.report.terms if self.report else []
        for place, count in sentence.targets.count(sentence.best.text).items():
            told = reports[place]
            found = sum(match.term == place for match in sentence.matches)
            told.found += found
            told.applied += min(found, count)
            if count == 0 and len(told.problems) < _MOST_PROBLEMS:
                why = (
                    "with it the rest came out worse" if sentence.was_bent else "no stand-in for it survived"
                )
                told.problems.append(f"{where}: {why}")
