"""The parallel corpus: what `prepare` reads, what it refuses and why, and what it leaves on disk."""

import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from models.text.arabic import count_arabic_letters, for_engine, for_matching

_OVERLAP_WORDS = 8
_LEAST_ARABIC = 0.3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pair:
    """One sentence and its translation; `origin` is the stem of the file it came from."""

    origin: str
    source: str
    target: str

    @property
    def reversed(self) -> "Pair":
        return Pair(self.origin, self.target, self.source)


def open_text(path: Path, mode: Literal["r", "w"] = "r") -> IO[str]:
    """A UTF-8 text file, compressed when the name ends in .xz."""
    if path.suffix != ".xz":
        return path.open(mode, encoding="utf-8", newline="\n")
    if mode == "r":
        return lzma.open(path, "rt", encoding="utf-8", newline="\n")
    return lzma.open(path, "wt", encoding="utf-8", newline="\n", preset=1)


def origin_of(path: Path) -> str:
    """`corpus/news.tsv.xz` is `news`."""
    return path.name.split(".")[0]


def lines_of(path: Path) -> list[str]:
    """A text file's lines in the engine form."""
    with open_text(path) as lines:
        return [for_engine(line) for line in lines]


def read_pairs(path: Path) -> Iterator[Pair]:
    """Pairs of an `Arabic<TAB>English` file; ValueError names a line that is not one."""
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            source, tab, target = line.rstrip("\n").partition("\t")
            if not tab or "\t" in target:
                raise ValueError(f"{path}:{number}: expected Arabic<TAB>English")
            yield Pair(origin_of(path), source, target)


def read_prepared(path: Path) -> Iterator[Pair]:
    """Pairs as `write_prepared` left them."""
    with open_text(path) as lines:
        for line in lines:
            yield Pair(*line.rstrip("\n").split("\t"))


def write_prepared(path: Path, pairs: Iterable[Pair]) -> None:
    with open_text(path, "w") as out:
        for pair in pairs:
            out.write(f"{pair.origin}\t{pair.source}\t{pair.target}\n")


class HeldOut:
    """The evaluation text: recognises a sentence that repeats it, whole or in a long run of words."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._whole: set[tuple[str, ...]] = set()
        self._runs: set[tuple[str, ...]] = set()
        for sentence in sentences:
            words = _words(sentence)
            self._whole.add(words)
            self._runs.update(_runs(words))
        self._whole.discard(())

    def holds(self, sentence: str) -> bool:
        words = _words(sentence)
        return words in self._whole or any(run in self._runs for run in _runs(words))


class Cleaner:
    """Normalises pairs as serving does and says why one is refused; remembers what it has seen."""

    def __init__(self, held_out: HeldOut, max_chars: int = 700, max_ratio: float = 3.0) -> None:
        self._held_out = held_out
        self._max_chars = max_chars
        self._max_ratio = max_ratio
        self._seen: set[tuple[str, str]] = set()
        self.refused: Counter[str] = Counter()

    def clean(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        for raw in pairs:
            pair = Pair(raw.origin, for_engine(raw.source), for_engine(raw.target))
            reason = self._reason_against(pair)
            if reason:
                self.refused[reason] += 1
            else:
                yield pair

    def _reason_against(self, pair: Pair) -> str | None:
        reason = _bad_form(pair, self._max_chars, self._max_ratio)
        if reason:
            return reason
        key = (for_matching(pair.source), pair.target.casefold())
        if key in self._seen:
            return "duplicate"
        if self._held_out.holds(pair.source) or self._held_out.holds(pair.target):
            return "in an evaluation set"
        self._seen.add(key)
        return None


def _bad_form(pair: Pair, max_chars: int, max_ratio: float) -> str | None:
    shorter, longer = sorted((len(pair.source), len(pair.target)))
    letters = len(pair.source.replace(" ", ""))
    checks = {
        "empty": shorter == 0,
        "too long": longer > max_chars,
        "source not Arabic": count_arabic_letters(pair.source) < _LEAST_ARABIC * letters,
        "Arabic in target": count_arabic_letters(pair.target) > 0,
        # English needs some 1.1 characters for one of Arabic; a few words may differ by chance.
        "lengths differ": longer > max_ratio * shorter + 20,
    }
    return next((reason for reason, found in checks.items() if found), None)


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(for_matching(sentence)))


def _runs(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for start in range(len(words) - _OVERLAP_WORDS + 1):
        yield words[start : start + _OVERLAP_WORDS]
