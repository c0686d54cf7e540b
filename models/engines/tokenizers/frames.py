"""Frames: the special tokens that each family puts around a source and before a target."""

from typing import Any

from jobs.errors import BrokenModel
from models.catalog import Family
from models.engines.generation import Tokens
from models.engines.tokenizers.framed import Frame, Pieces, is_special
from models.installed import Model

START, END = "<s>", "</s>"


def frame_of(model: Model, pieces: Pieces, config: dict[str, Any]) -> Frame:
    """`config` is the checkpoint's tokenizer_config.json; raises BrokenModel for a missing language token."""
    source, target = model.source_token, model.target_token
    if model.family is Family.MARIAN:
        return Frame([target] if target else [], [END], [])  # multilingual targets alone have a token
    if model.family is Family.T5:
        return Frame(_prefix(model, pieces), [END], [])
    if model.family is Family.MBART and not source:
        return Frame([START], [END], [target] if target else [])  # AraBART: BART's frame, no languages
    if not source or not target:
        raise BrokenModel(f"{model.name}: its manifest lacks source_token or target_token")
    if model.family is Family.MBART and not str(config.get("tokenizer_class")).startswith("MBart50"):
        return Frame([], [END, source], [target])  # mBART-25
    return Frame([source], [END], [target])


def _prefix(model: Model, pieces: Pieces) -> Tokens:
    """A prefix that is a token of the vocabulary stays whole: "<2en>"."""
    prefix = model.source_prefix.strip()
    if pieces.knows(prefix):
        return [prefix]
    if is_special(prefix):
        raise BrokenModel(f"{model.name}: its tokenizer does not know the source_prefix {prefix}")
    return pieces.split(prefix)
