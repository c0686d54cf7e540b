"""The conversion: a checkpoint as CTranslate2 weights, with its tokenizer's files beside them."""

import pickle
import shutil
import warnings
from pathlib import Path
from typing import Any

from models.catalog import Family
from models.hub.checkpoint import TOKENIZER_FILES, read_json
from models.hub.errors import HubError

_VOCABULARY, _TARGET_VOCABULARY = "vocab.json", "target_vocab.json"


def convert(checkpoint: Path, directory: Path, family: Family, quantization: str) -> None:
    """Writes into `directory`, which is there. Raises HubError, and OSError for the disk."""
    try:
        spec = _spec(checkpoint, family)
        spec.validate()
        spec.optimize(quantization=quantization)
    except HubError:
        raise
    except pickle.UnpicklingError as error:
        raise HubError(
            "the checkpoint cannot be converted: its pickled weights hold more than weights, or are damaged; "
            "ask its author for safetensors"
        ) from error
    except Exception as error:  # whatever a foreign file makes three libraries raise
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise HubError(f"the checkpoint cannot be converted: {reason}") from error
    spec.save(str(directory))
    for name in TOKENIZER_FILES:
        if (checkpoint / name).is_file():
            shutil.copyfile(checkpoint / name, directory / name)


def _spec(checkpoint: Path, family: Family) -> Any:
    import torch
    import transformers
    from ctranslate2.converters import transformers as converters

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        local = {"local_files_only": True, "trust_remote_code": False}
        config = transformers.AutoConfig.from_pretrained(checkpoint, **local)
        registered = converters._MODEL_LOADERS[type(config).__name__]  # noqa: SLF001  # it has no other door
        model_class = getattr(transformers, registered.architecture_name)
        model = model_class.from_pretrained(checkpoint, config=config, dtype="auto", local_files_only=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint, **local)
        return _mended(type(registered), family, checkpoint)()(model, tokenizer)


def _mended(loader: Any, family: Family, checkpoint: Path) -> Any:
    """CTranslate2 4.8.5's loader, with what it lacks for transformers 5 or for this checkpoint."""
    if family is Family.MARIAN:
        return _with_two_vocabularies(loader, checkpoint) if _has_two(checkpoint) else loader
    if family is Family.M2M100:
        return _with_languages(loader)
    if family is Family.T5:
        return _with_its_own_scale(loader)
    if family is Family.MBART:
        return _with_norms_first(loader)
    return loader


def _has_two(checkpoint: Path) -> bool:
    return (checkpoint / _TARGET_VOCABULARY).is_file()


def _with_two_vocabularies(loader: Any, checkpoint: Path) -> Any:
    class TwoVocabularies(loader):  # type: ignore[misc] # ctranslate2 carries no types
        """The loader gives both sides the source's pieces, and takes both sides to be of one size."""

        def set_vocabulary(self, spec: Any, _tokens: list[str]) -> None:
            spec.register_source_vocabulary(_pieces(checkpoint / _VOCABULARY))
            spec.register_target_vocabulary(_pieces(checkpoint / _TARGET_VOCABULARY))

        def _remove_pad_weights(self, spec: Any) -> None:
            for part in (spec.encoder.embeddings[0], spec.decoder.embeddings, spec.decoder.projection):
                part.weight = part.weight[:-1]
            if spec.decoder.projection.has_bias():
                spec.decoder.projection.bias = spec.decoder.projection.bias[:-1]

    return TwoVocabularies


def _with_languages(loader: Any) -> Any:
    class Languages(loader):  # type: ignore[misc]
        """transformers 5 counts M2M100's languages only where a special_tokens_map.json repeats them."""

        def get_vocabulary(self, model: Any, tokenizer: Any) -> list[str]:
            ids = tokenizer.get_vocab() | tokenizer.lang_token_to_id
            pieces = sorted(ids, key=ids.__getitem__)
            return pieces + [f"madeupword{index}" for index in range(model.config.vocab_size - len(pieces))]

    return Languages


def _with_its_own_scale(loader: Any) -> Any:
    class OwnScale(loader):  # type: ignore[misc]
        """transformers 5 says `tie_word_embeddings` of every T5; the loader then scales its outputs."""

        def get_model_spec(self, model: Any) -> Any:
            model.config.tie_word_embeddings = getattr(model.config, "scale_decoder_outputs", False)
            return super().get_model_spec(model)

        def get_vocabulary(self, model: Any, tokenizer: Any) -> list[str]:
            tokens: list[str] = super().get_vocabulary(model, tokenizer)
            return tokens[: model.config.vocab_size]  # transformers 5 adds sentinels that have no weights

    return OwnScale


def _with_norms_first(loader: Any) -> Any:
    class NormsFirst(loader):  # type: ignore[misc]
        """transformers 5's config has no `normalize_before`, and its MBart has no other way."""

        def get_model_spec(self, model: Any) -> Any:
            model.config.normalize_before = True
            return super().get_model_spec(model)

        def set_config(self, config: Any, model: Any, tokenizer: Any) -> None:
            super().set_config(config, model, tokenizer)
            if config.bos_token is None:  # mBART-50's tokenizer, and then the weights cannot be loaded
                config.bos_token = tokenizer.convert_ids_to_tokens(model.config.bos_token_id)
            # Else a decoder that starts as BART's does would be given no start where the config names
            # no tokenizer; mBART-25's starts with a language, which the engine gives.
            if model.config.decoder_start_token_id == model.config.eos_token_id:
                config.decoder_start_token = tokenizer.eos_token

    return NormsFirst


def _pieces(vocabulary: Path) -> list[str]:
    """Without the pad piece: Marian decoders start from zero, and its row is dropped."""
    ids = read_json(vocabulary)
    pieces = sorted(ids, key=ids.__getitem__)
    if pieces[-1:] != ["<pad>"]:
        raise HubError(f"{vocabulary.name} does not end with <pad>, as a Marian vocabulary does")
    return pieces[:-1]
