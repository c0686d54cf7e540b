"""Engines: loaded weights and their tokenizers, each loaded in the process that first uses it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from models.engines.contract import EngineOptions, Summariser, Translator
from models.engines.loaded import Loaded
from models.engines.loading import open_summariser, open_translator
from models.engines.selection import Selection
from models.installed import Model

EngineT = TypeVar("EngineT")


class Engines:
    """What models there are and the loaded ones. Made before the fork, filled after it: CTranslate2 does
    not survive a fork. Weights are loaded inside `while_loading()`."""

    def __init__(
        self,
        options: EngineOptions,
        *,
        while_loading: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.translation = Selection("translation", options.models_dir, options.translation_model)
        self.summary = Selection("summary", options.models_dir, options.summary_model)
        self._options = options
        self._while_loading = while_loading
        self._loaded: Loaded[Any] = Loaded(idle_seconds=options.idle_seconds, memory_mb=options.memory_mb)

    def translator(self, name: str | None = None) -> Translator:
        """Raises NoTranslationModel, UnknownModel or BrokenModel."""
        model = self.translation.choose(name)
        translator: Translator = self._loaded.get(model, lambda: self._load(open_translator, model))
        return translator

    def summariser(self, name: str | None = None) -> Summariser:
        """Raises NoSummaryModel, UnknownModel or BrokenModel."""
        model = self.summary.choose(name)
        summariser: Summariser = self._loaded.get(model, lambda: self._load(open_summariser, model))
        return summariser

    def _load(self, load: Callable[[Model, EngineOptions], EngineT], model: Model) -> EngineT:
        with self._while_loading():
            return load(model, self._options)
