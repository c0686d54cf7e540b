"""Weights and tokenizer of a model put together into what a step asks for."""

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions, Summariser, Translator
from models.engines.generation import Generator, Tokenizer
from models.installed import CHECKPOINT, CONVERTED, Model


def open_translator(model: Model, options: EngineOptions) -> Translator:
    """Loads the weights; raises BrokenModel."""
    from models.engines.translator import SegmentTranslator

    return SegmentTranslator(model, open_tokenizer(model), open_generator(model, options), options)


def open_summariser(model: Model, options: EngineOptions) -> Summariser:
    """Loads the weights; raises BrokenModel."""
    from models.engines.abstractive import AbstractiveSummariser

    return AbstractiveSummariser(model, open_tokenizer(model), open_generator(model, options), options)


def open_tokenizer(model: Model) -> Tokenizer:
    """From the files that the checkpoint brought; raises BrokenModel."""
    from models.engines import tokenizers

    return tokenizers.open_tokenizer(model)


def open_generator(model: Model, options: EngineOptions) -> Generator:
    """Loads the weights: the setting's engine where the folder has weights for it, else the other one.

    Raises BrokenModel.
    """
    has_checkpoint = (model.path / CHECKPOINT).is_dir()
    is_converted = (model.path / CONVERTED).is_file()
    if has_checkpoint and (options.engine == "transformers" or not is_converted):
        try:
            from models.engines.transformers import TransformersGenerator

            return TransformersGenerator(model, options)
        except ImportError as error:
            raise BrokenModel(
                f"{model.name} needs torch and what goes with it: pip install -r requirements-convert.txt"
            ) from error
    from models.engines.ctranslate2 import CTranslate2Generator

    return CTranslate2Generator(model, options)
