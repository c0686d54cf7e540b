"""Engines: loaded weights and their tokenizers, each loaded in the process that first uses it."""

from typing import Any

from models.engines.contract import EngineOptions, Summariser, Translator
from models.engines.loaded import Loaded
from models.engines.loading import open_summariser, open_translator
from models.engines.selection import Selection


class Engines:
    """What models there are and the loaded ones. Made before the fork, filled after it: CTranslate2 does
    not survive a fork."""

    def __init__(self, options: EngineOptions) -> None:
        self.translation = Selection("translation", options.models_dir, options.translation_model)
        self.summary = Selection("summary", options.models_dir, options.summary_model)
        self._options = options
        self._loaded: Loaded[Any] = Loaded(idle_seconds=options.idle_seconds, memory_mb=options.memory_mb)

    def translator(self, name: str | None = None) -> Translator:
        """Raises NoTranslationModel, UnknownModel or BrokenModel."""
        model = self.translation.choose(name)
        translator: Translator = self._loaded.get(model, lambda: open_translator(model, self._options))
        return translator

    def summariser(self, name: str | None = None) -> Summariser:
        """Raises NoSummaryModel, UnknownModel or BrokenModel."""
        model = self.summary.choose(name)
        summariser: Summariser = self._loaded.get(model, lambda: open_summariser(model, self._options))
        return summariser
