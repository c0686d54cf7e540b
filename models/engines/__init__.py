"""Engines: loaded weights and their tokenizers, each loaded once in the process that first uses it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from jobs.errors import BrokenModel, NoTranslationModel, UnknownModel
from models.catalog import BUNDLED_TRANSLATION, Model, ModelInfo, open_model


@dataclass(frozen=True)
class EngineOptions:
    """`batch_tokens` counts source tokens, padding included; `threads` are those inside one engine."""

    translation_model: Path | None = None
    threads: int = 1
    beam_size: int = 4
    batch_tokens: int = 1_024


class Translation(NamedTuple):
    """`truncated` says that the engine stopped before the sentence ended."""

    text: str
    truncated: bool


class Translator(Protocol):
    """The batch law: as many translations as sources, in the same order."""

    model: Model

    def translate(self, sources: Sequence[str], progress: Callable[[int, int], None]) -> list[Translation]:
        """Calls `progress(done, total)`, in sources, after each batch; what it raises ends the work."""
        ...


class Engines:
    """Made before the fork, filled after it: CTranslate2 does not survive a fork."""

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._translator: Translator | None = None

    def translation_model(self, name: str | None = None) -> Model:
        """The installed model, which must have that name if one is given; loads nothing."""
        model = open_model(self._options.translation_model or BUNDLED_TRANSLATION)
        if name not in (None, model.name):
            pointer = "/options/translation/model"
            raise UnknownModel([(pointer, f"is not installed; leave it out or name {model.name}")])
        return model

    def translation_models(self) -> list[ModelInfo]:
        """None where no model is installed; a broken one counts as none."""
        try:
            return [self.translation_model().info()]
        except (NoTranslationModel, BrokenModel):
            return []

    def translator(self, name: str | None = None) -> Translator:
        """Raises NoTranslationModel, UnknownModel or BrokenModel."""
        model = self.translation_model(name)
        if self._translator is None:
            from models.engines.ctranslate2 import CTranslate2Translator

            self._translator = CTranslate2Translator(model, self._options)
        return self._translator
