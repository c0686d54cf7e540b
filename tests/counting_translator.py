"""A translator that notes each source that it is asked for, in a file that processes may share."""

import time
from collections.abc import Sequence
from pathlib import Path

from models.engines.contract import Progress, Translation, Translator
from models.installed import BUNDLED_TRANSLATION, open_model


class Counting:
    """One source at a time, as `inner` translates it, or else between brackets."""

    def __init__(self, notes: Path, inner: Translator | None = None, *, seconds: float = 0.0) -> None:
        self.model = inner.model if inner else open_model(BUNDLED_TRANSLATION)
        self.fingerprint = inner.fingerprint if inner else "counting"
        self.notes = notes
        self._inner = inner
        self._seconds = seconds

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        given = []
        for done, source in enumerate(sources, start=1):
            with self.notes.open("a", encoding="utf-8") as notes:
                notes.write(f"{source}\n")
            time.sleep(self._seconds)
            given.append(self._translated(source))
            progress(done, len(sources))
        return given

    def asked(self) -> list[str]:
        return self.notes.read_text("utf-8").splitlines() if self.notes.exists() else []

    def _translated(self, source: str) -> Translation:
        if self._inner is None:
            return Translation(f"[{source}]", False)
        [given] = self._inner.translate([source], lambda _done, _total: None)
        return given
