"""Weights and tokenizer of a model put together into what a step asks for."""

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions, Summariser, Translator
from models.installed import Model


def open_translator(model: Model, options: EngineOptions) -> Translator:
    """Loads the weights; raises BrokenModel."""
    from models.engines.ctranslate2 import CTranslate2Translator

    return CTranslate2Translator(model, options)


def open_summariser(model: Model, options: EngineOptions) -> Summariser:
    """Loads the weights; raises BrokenModel."""
    raise BrokenModel(f"{model.name}: abstractive summaries are not built yet")
