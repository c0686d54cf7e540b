"""The translation, by an engine that goes wrong in the way it is told to, until it is told to be well."""

import ctypes
import resource
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions, Progress, Translation, Translator
from models.installed import BUNDLED_TRANSLATION, open_model
from models.step import Context, Counts, Step, StepModel
from models.steps import translation

Faulty = Callable[[Sequence[str]], list[Translation]]
_ROOM_BYTES = 128 * 2**20  # that a leak may take before there is no more


class BadEngineOptions(StepModel):
    fault: str | None = None


class BadEngine(Step[BadEngineOptions, translation.TranslationResult]):
    name = "bad_engine"
    queue = "translation"
    counts_segments = True
    options = BadEngineOptions
    result = translation.TranslationResult

    def run(
        self, article: Article, options: BadEngineOptions, context: Context
    ) -> tuple[translation.TranslationResult, Counts | None]:
        engines = _Engines(FAULTS[options.fault] if options.fault else _well)
        return translation.Translation().run(
            article, translation.TranslationOptions(), replace(context, engines=engines)
        )


class _Engines(Engines):
    def __init__(self, faulty: Faulty) -> None:
        super().__init__(EngineOptions())
        self._faulty = faulty

    def translator(self, name: str | None = None) -> Translator:
        return _Translator(self._faulty)


class _Translator:
    """One fingerprint, well or not: what it once gave is what the cache will give."""

    model = open_model(BUNDLED_TRANSLATION)
    fingerprint = "a double"

    def __init__(self, faulty: Faulty) -> None:
        self._faulty = faulty

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        given = self._faulty(sources)
        progress(len(sources), len(sources))
        return given


def _well(sources: Sequence[str]) -> list[Translation]:
    return [Translation(f"Sentence {place}.", False) for place, _ in enumerate(sources)]


def _too_few(sources: Sequence[str]) -> list[Translation]:
    return _well(sources)[:-1]


def _too_many(sources: Sequence[str]) -> list[Translation]:
    return [*_well(sources), Translation("One more.", False)]


def _silent(sources: Sequence[str]) -> list[Translation]:
    return [Translation(" ", False) for _ in sources]


def _garbage(sources: Sequence[str]) -> list[Translation]:
    return [Translation(None, "yes") for _ in sources]  # type: ignore[arg-type]  # which is the point


def _out_of_memory(_: Sequence[str]) -> list[Translation]:
    raise MemoryError


def _leaking(sources: Sequence[str]) -> list[Translation]:
    """Until the limit, which is set just above what the process has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + _ROOM_BYTES, before[1]))
    leaked = []
    try:
        while True:
            leaked.append(bytearray(2**20))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _segfaulting(_: Sequence[str]) -> list[Translation]:
    ctypes.string_at(0)
    raise AssertionError("still alive")


FAULTS: dict[str, Faulty] = {
    "too few": _too_few,
    "too many": _too_many,
    "silent": _silent,
    "garbage": _garbage,
    "out of memory": _out_of_memory,
    "leaking": _leaking,
    "segfaulting": _segfaulting,
}
