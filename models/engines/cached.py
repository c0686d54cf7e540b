"""The cached translator: each sentence goes to the engine once, whichever job, worker or place it is in."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from models.engines.contract import Progress, Translation, Translator
from models.segment_cache import SegmentCache
from models.text.arabic import count_arabic_letters, for_engine

_VERSION = "1"  # to be raised when the same engine gives other translations, or flags choose others
_POLL_SECONDS = 0.1
_PROGRESS_SECONDS = 1.0  # between two signs of life while others work
_PATIENCE_SECONDS = 30.0  # after which what others still work on is done here as well


class CachedTranslator:
    """A translator for one article. A translation may depend on `for_engine(source)` and the engine's
    fingerprint, and on nothing else."""

    def __init__(
        self,
        translator: Translator,
        cache: SegmentCache,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = translator.model
        self.fingerprint = translator.fingerprint
        self._translator = translator
        self._cache = cache
        self._clock = clock
        self._sleep = sleep
        self._known: dict[str, Translation] = {}  # so that what an article repeats is looked up once

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        keys = [self._key(source) for source in sources]

        def tell(more: int = 0) -> None:
            known = sum(key is None or key in self._known for key in keys)
            progress(min(known + more, len(keys)), len(keys))

        self._fetch({key: source for key, source in zip(keys, sources, strict=True) if key}, tell)
        tell()
        return [
            self._known[key] if key else Translation(source, False)
            for key, source in zip(keys, sources, strict=True)
        ]

    def _key(self, source: str) -> str | None:
        """None for a source without Arabic letters: it stays as it is, spaces and digits included."""
        form = for_engine(source)
        if not count_arabic_letters(form):
            return None
        told = f"{_VERSION}\n{self.fingerprint}\n{form}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(told, digest_size=20).hexdigest()

    def _fetch(self, wanted: Mapping[str, str], tell: Callable[[int], None]) -> None:
        """Nothing is held while it waits: two jobs with the same sentences cannot wait for each other."""
        patient_until = self._clock() + _PATIENCE_SECONDS
        told_at = float("-inf")
        while missing := [key for key in wanted if key not in self._known]:
            found, ours = self._cache.take(missing)
            self._known |= _read(found)
            unread = [key for key in found if key not in self._known]
            if ours or unread:
                self._work_out({key: wanted[key] for key in (*ours, *unread)}, tell)
            elif not found and self._clock() > patient_until:
                self._work_out({key: wanted[key] for key in missing}, tell)
            elif not found:
                if self._clock() - told_at >= _PROGRESS_SECONDS:
                    told_at = self._clock()
                    tell(0)
                self._sleep(_POLL_SECONDS)

    def _work_out(self, sources: Mapping[str, str], tell: Callable[[int], None]) -> None:
        keys = list(sources)
        values: dict[str, str] = {}

        def progress(done: int, _total: int) -> None:
            self._cache.renew(keys)
            tell(done)

        try:
            given = self._translator.translate(list(sources.values()), progress)
            self._known |= zip(keys, given, strict=True)
            kept = {key: told for key, told in zip(keys, given, strict=True) if _says_something(told)}
            values = {key: json.dumps(told._asdict(), ensure_ascii=False) for key, told in kept.items()}
        finally:
            self._cache.give_back(keys, values)


def _says_something(given: Translation) -> bool:
    """Whatever else an engine gave fails its article now, and must not fail it again from the cache."""
    return isinstance(given.text, str) and bool(given.text.strip())


def _read(values: Mapping[str, str]) -> dict[str, Translation]:
    """Those of them that can be read."""
    known = {}
    for key, value in values.items():
        with suppress(ValueError, TypeError):
            known[key] = Translation(**json.loads(value))._replace(from_cache=True)
    return known
