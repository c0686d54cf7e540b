"""Stand-ins: what is written into Arabic for a glossary's term, and found again in the English."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from models.text.glossary import Match

_GAP = r"[-\s]+"  # between the words of a target
_NEUTRAL = "bcdfghjlpqrstvwxyz"  # no letter that by itself reads as a number or an article
_SENTENCE_START = re.compile(r"(?:^|[.?!]\s)[\"'(\[]*$")


@dataclass(frozen=True)
class StandIn:
    """`mark` and `pattern` of the nth occurrence; `residue`: what must not be left of it."""

    mark: str
    pattern: str
    residue: re.Pattern[str]
    base: int = 0

    def write(self, number: int) -> str:
        return self.mark.format(self.base + number)

    def find(self, number: int) -> re.Pattern[str]:
        return re.compile(self.pattern.format(self.base + number))

    def is_left_in(self, english: str, source: str) -> bool:
        return bool(self.residue.search(english)) and not self.residue.search(source)


# In the order in which they are tried; docs/adr/0012 has how often each survives.
STAND_INS = (
    StandIn("[{}]", r"\[+\s?{}\s?\]+", re.compile(r"[\[\]]")),
    StandIn("X{}", r"(?<![A-Z0-9])X\s?{}(?!\w|\.\d)", re.compile(r"X\s?\d")),
    StandIn('"X{}"', r"[\"']*(?<![A-Z0-9])X\s?{}(?!\w|\.\d)[\"']*", re.compile(r"X\s?\d")),
    StandIn("{}", r"(?<![\d.,]){}(?![\d]|[.,]\d)", re.compile(r"739\d"), base=7390),
)


class Targets:
    """The English of some terms, and where it stands in a text."""

    def __init__(self, targets: Mapping[int, str]) -> None:
        self._targets = targets
        self._sharing: dict[str, list[int]] = defaultdict(list)
        for term, target in targets.items():
            self._sharing[" ".join(re.split(_GAP, target.casefold()))].append(term)
        longest_first = sorted(
            (terms[0] for terms in self._sharing.values()), key=lambda it: -len(targets[it])
        )
        self._pattern = re.compile("|".join(_pattern(it, targets[it]) for it in longest_first) or "(?!)")

    def count(self, text: str) -> dict[int, int]:
        """How often each term's target stands in the text, in whole words; a longer one hides a shorter.

        Where terms share a target, each needs one of its own.
        """
        found = Counter(_term(it) for it in self._pattern.finditer(text))
        return {
            term: max(0, found[terms[0]] - place)
            for terms in self._sharing.values()
            for place, term in enumerate(terms)
        }

    def spelt(self, text: str) -> str:
        """The text with each target in the glossary's own spelling."""
        return self._pattern.sub(lambda it: in_place(self._targets[_term(it)], text[: it.start()]), text)

    def masked(self, text: str) -> str:
        """The text with the term's name, which says nothing, in place of each target."""
        return self._pattern.sub(lambda it: self.name(_term(it)), text)

    def name(self, term: int) -> str:
        return f"Q{_NEUTRAL[term % len(_NEUTRAL)]}"


def _term(found: re.Match[str]) -> int:
    return int((found.lastgroup or "t0")[1:])


def _pattern(term: int, target: str) -> str:
    """Capitals and hyphens do not matter, but in an abbreviation: US is not us."""
    words = _GAP.join(map(re.escape, re.split(_GAP, target)))
    case = "" if target.isupper() else "i"
    before = r"(?<![^\W_])" if target[:1].isalnum() else ""
    after = r"(?![^\W_])" if target[-1:].isalnum() else ""
    return f"(?P<t{term}>{before}(?{case or '-i'}:{words}){after})"


def in_place(target: str, before: str) -> str:
    """The target as it is written after `before`: what has no capital of its own gets one at the start."""
    starts = target.islower() and _SENTENCE_START.search(before)
    return target[:1].upper() + target[1:] if starts else target


def with_marks(source: str, matches: Sequence[Match], marks: Sequence[str]) -> str:
    """The source with each match's core replaced by its mark; clitics stay, apart from it.

    The article goes: a mark has none. A pronoun becomes «الخاص به».
    """
    pieces: list[str] = []
    end = 0
    for match, mark in zip(matches, marks, strict=True):
        clitics = match.proclitics
        if match.has_article:
            clitics = clitics.removesuffix("ال") if clitics.endswith("ال") else clitics[:-1]
        pieces += [source[end : match.start], clitics and f"{clitics} ", mark]
        if match.pronoun:
            pieces.append(f" الخاص ب{match.pronoun}")
        end = match.end
    return "".join([*pieces, source[end:]])


def read(text: str, marks: Sequence[tuple[re.Pattern[str], str]]) -> str | None:
    """The English with the targets in place of their marks; None where a mark stands more than once."""
    for pattern, target in marks:
        found = pattern.findall(text)
        if len(found) > 1:
            return None
        text = pattern.sub(partial(_set, target), text)
    return text


def _set(target: str, mark: re.Match[str]) -> str:
    before, after = mark.string[: mark.start()], mark.string[mark.end() :]
    left = " " if before[-1:].isalnum() else ""
    right = " " if after[:1].isalnum() else ""
    return f"{left}{in_place(target, before)}{right}"
