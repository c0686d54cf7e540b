"""What an engine promises to the steps, and what it is told about the machine it runs on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from models.installed import Model

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class EngineOptions:
    """`batch_tokens` counts source tokens, padding included; `threads` are those inside one engine."""

    models_dir: Path | None = None
    translation_model: str | None = None  # a name, or a folder
    summary_model: str | None = None
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = 1
    beam_size: int = 4
    batch_tokens: int | None = None  # None: what suits the device
    idle_seconds: float = 900.0  # after which a model that nobody used is dropped
    memory_mb: int | None = None  # of all loaded models together; None: no limit


class Translation(NamedTuple):
    """`truncated` says that the engine stopped before the sentence ended.

    `retried`: the first English had a fault that can be seen; this is the best of several.
    """

    text: str
    truncated: bool
    retried: bool = False
    from_cache: bool = False  # no engine was asked for it now


class Translator(Protocol):
    """The batch law: as many translations as sources, in the same order."""

    model: Model

    @property
    def fingerprint(self) -> str:
        """Changes with all that decides a translation: weights, decoding, the library and its precision."""
        ...

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        """Calls `progress(done, total)`, in sources, after each batch; what it raises ends the work."""
        ...


class AbstractiveSummary(NamedTuple):
    """`parts`: in how many pieces the article was read; `segments_read`: how many segments they held.

    `truncated` counts the texts in which the model was stopped before it ended them. Flags: `unfinished`,
    a sentence is cut; `not-condensed`, the parts' summaries would not come down to one.
    """

    sentences: list[str]
    parts: int
    segments_read: int
    truncated: int
    flags: list[str]


class Summariser(Protocol):
    """Writes a summary in its own words."""

    model: Model

    def summarise(self, sources: Sequence[str], words: int, progress: Progress) -> AbstractiveSummary:
        """About `words` words on all of `sources`, an article's segments in order.

        Raises BrokenModel for a model that writes nothing or cannot read even one character at once.
        """
        ...
