"""Tokenizers: text as tokens and back, as each family of models was trained to read and write it."""

import json
from pathlib import Path
from typing import Any

from jobs.errors import BrokenModel
from models.catalog import Family
from models.engines.generation import Tokenizer
from models.engines.tokenizers.framed import FramedTokenizer, Pieces
from models.engines.tokenizers.frames import frame_of
from models.engines.tokenizers.sentencepiece import SentencePieces
from models.engines.tokenizers.whole import WholePieces
from models.installed import CHECKPOINT, Model

_SOURCE_SPM = {
    Family.MARIAN: ("source.spm",),
    Family.NLLB: ("sentencepiece.bpe.model",),
    Family.M2M100: ("sentencepiece.bpe.model",),
    Family.T5: ("spiece.model", "sentencepiece.model"),
    Family.MBART: ("sentencepiece.bpe.model",),
}
_TARGET_SPM = "target.spm"  # Marian's alone
_WHOLE = "tokenizer.json"


def open_tokenizer(model: Model) -> Tokenizer:
    """Raises BrokenModel where the files are missing, broken, or not of the model's family."""
    try:
        source, target = _pieces(model)
        config = _config(model)
    except (OSError, RuntimeError, ValueError) as error:
        raise BrokenModel(f"the tokenizer in {model.path} cannot be read; install the model again") from error
    return FramedTokenizer(source, target, frame_of(model, source, config))


def _pieces(model: Model) -> tuple[Pieces, Pieces]:
    for name in _SOURCE_SPM[model.family]:
        if path := _find(model, name):
            source = SentencePieces(path)
            if model.family is not Family.MARIAN:
                return source, source
            if target := _find(model, _TARGET_SPM):
                return source, SentencePieces(target)
    if path := _find(model, _WHOLE):
        whole = WholePieces(path)
        return whole, whole
    names = " or ".join((*_SOURCE_SPM[model.family], _WHOLE))
    raise BrokenModel(f"the model folder {model.path} lacks its tokenizer, {names}; install it again")


def _config(model: Model) -> dict[str, Any]:
    path = _find(model, "tokenizer_config.json")
    config: dict[str, Any] = json.loads(path.read_text("utf-8")) if path else {}
    return config


def _find(model: Model, name: str) -> Path | None:
    places = (model.path / name, model.path / CHECKPOINT / name)
    return next((path for path in places if path.is_file()), None)
