"""Converted models made without torch: CTranslate2 weights drawn at random, behind a true tokenizer."""

import json
from pathlib import Path
from typing import Any

import ctranslate2  # noqa: TID253  # every test that comes here needs both
import numpy as np
import sentencepiece  # noqa: TID253

from models.catalog import Family
from models.installed import Model
from tests.checkpoints.layouts import Layout, facts_of
from tests.checkpoints.vocabularies import write_tokenizer

_WIDTH, _INNER, _HEADS, _LAYERS, _POSITIONS = 32, 64, 4, 1, 256
_PAD = "<pad>"


def write_converted(layout: Family | Layout, directory: Path) -> Model:
    """A model folder as a pull leaves it, without its manifest; its output means nothing."""
    layout = Layout.of(layout)
    write_tokenizer(layout, directory)
    tokens = _tokens(layout, directory)
    spec = _spec(layout)
    _Weights(len(tokens)).fill(spec)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    start = _PAD if layout.family is Family.T5 else None if layout is Layout.MBART25 else "</s>"
    spec.config.decoder_start_token, spec.config.bos_token = start, "<s>"
    spec.config.eos_token, spec.config.unk_token = "</s>", "<unk>"
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(directory))
    return Model(path=directory, quantization="int8", **facts_of(layout))


def _tokens(layout: Layout, directory: Path) -> list[str]:
    vocabulary = directory / "vocab.json"
    if vocabulary.is_file():
        ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))
        pieces = [piece for piece in ids if layout is Layout.M2M100 or piece != _PAD]
    else:
        [file] = directory.glob("*.model")
        processor = sentencepiece.SentencePieceProcessor(str(file))
        pieces = [processor.id_to_piece(index) for index in range(len(processor))]
        if layout in {Layout.NLLB, Layout.MBART25, Layout.MBART50}:
            pieces = ["<s>", _PAD, "</s>", "<unk>", *pieces]
    facts = facts_of(layout)
    languages = [facts[side] for side in ("source_token", "target_token") if side in facts]
    return list(dict.fromkeys([*pieces, *languages]))


def _spec(layout: Layout) -> Any:
    is_t5, is_marian = layout.family is Family.T5, layout.family is Family.MARIAN
    spec = ctranslate2.specs.TransformerSpec.from_config(
        (_LAYERS, _LAYERS),
        _HEADS,
        pre_norm=not is_marian,
        activation=ctranslate2.specs.Activation.RELU,
        layernorm_embedding=layout.family is Family.MBART,
        relative_attention_bias=is_t5,
        ffn_glu=is_t5,
        rms_norm=is_t5,
    )
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = not is_t5
    spec.decoder.start_from_zero_embedding = is_marian
    return spec


class _Weights:
    """Random weights, and norms that leave alone what they norm."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._chance = np.random.default_rng(1)

    def fill(self, spec: Any) -> None:
        spec.encoder.embeddings[0].weight = self._matrix(self._size, _WIDTH)
        spec.decoder.embeddings.weight = self._matrix(self._size, _WIDTH)
        self._linear(spec.decoder.projection, self._size, _WIDTH)
        for side in (spec.encoder, spec.decoder):
            if hasattr(side, "position_encodings"):
                side.position_encodings.encodings = self._matrix(_POSITIONS, _WIDTH)
            for name in ("layer_norm", "layernorm_embedding"):
                if hasattr(side, name):
                    self._norm(getattr(side, name))
            for layer in side.layer:
                self._layer(layer)

    def _layer(self, layer: Any) -> None:
        itself, feed = layer.self_attention, layer.ffn
        self._linear(itself.linear[0], 3 * _WIDTH, _WIDTH)
        self._linear(itself.linear[1], _WIDTH, _WIDTH)
        self._norm(itself.layer_norm)
        if hasattr(itself, "relative_attention_bias"):
            itself.relative_attention_bias = self._matrix(32, _HEADS)
            itself.relative_attention_max_distance = np.dtype("int32").type(128)
        if hasattr(layer, "attention"):
            for part, rows in zip(layer.attention.linear, (_WIDTH, 2 * _WIDTH, _WIDTH), strict=True):
                self._linear(part, rows, _WIDTH)
            self._norm(layer.attention.layer_norm)
        self._linear(feed.linear_0, _INNER, _WIDTH)
        if hasattr(feed, "linear_0_noact"):
            self._linear(feed.linear_0_noact, _INNER, _WIDTH)
        self._linear(feed.linear_1, _WIDTH, _INNER)
        self._norm(feed.layer_norm)

    def _matrix(self, rows: int, columns: int) -> Any:
        return self._chance.normal(0, 0.5, (rows, columns)).astype(np.float32)

    def _linear(self, part: Any, rows: int, columns: int) -> None:
        part.weight, part.bias = self._matrix(rows, columns), np.zeros(rows, np.float32)

    def _norm(self, part: Any) -> None:
        part.gamma = np.ones(_WIDTH, np.float32)
        if hasattr(part, "beta"):
            part.beta = np.zeros(_WIDTH, np.float32)
