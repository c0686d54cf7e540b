"""Vocabularies: SentencePiece models trained on the toy language, laid out as each family keeps them."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import sentencepiece  # noqa: TID253  # every test that comes here needs it

from tests.checkpoints.language import odd_sentences, pairs
from tests.checkpoints.layouts import Layout

_TOKENIZERS = {
    Layout.MARIAN: "MarianTokenizer",
    Layout.MARIAN_MANY: "MarianTokenizer",
    Layout.NLLB: "NllbTokenizer",
    Layout.M2M100: "M2M100Tokenizer",
    Layout.MADLAD: "T5Tokenizer",
    Layout.MT5: "T5Tokenizer",
    Layout.ARABART: "BarthezTokenizer",
    Layout.MBART25: "MBartTokenizer",
    Layout.MBART50: "MBart50Tokenizer",
}
_T5_IDS = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
_FAIRSEQ = ["<s>", "<pad>", "</s>", "<unk>"]


def write_tokenizer(layout: Layout, directory: Path) -> int:
    """Writes the tokenizer's files; returns how many rows the embeddings have. Needs no torch."""
    directory.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {"tokenizer_class": _TOKENIZERS[layout]}
    if layout.family == "marian":
        size = _marian(directory, [">>eng<<", ">>fra<<"] if layout is Layout.MARIAN_MANY else [])
    elif layout is Layout.NLLB:
        from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

        config["additional_special_tokens"] = FAIRSEQ_LANGUAGE_CODES
        size = _train(directory / "sentencepiece.bpe.model", model_type="bpe") + 1 + 202 + 1
    elif layout is Layout.M2M100:
        size = _m2m100(directory)
    elif layout.family == "t5":
        languages = ["<2en>", "<2ar>"] if layout is Layout.MADLAD else []
        size = _train(directory / "spiece.model", user_defined_symbols=languages, **_T5_IDS)
        config["extra_ids"] = 0
    elif layout is Layout.ARABART:
        ids = {"bos_id": 0, "pad_id": 1, "eos_id": 2, "unk_id": 3}
        size = _train(directory / "sentencepiece.bpe.model", control_symbols=["<mask>"], **ids)
    else:
        languages = 25 if layout is Layout.MBART25 else 52
        size = _train(directory / "sentencepiece.bpe.model") + 1 + languages + 1
    (directory / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return size


def _marian(directory: Path, languages: list[str]) -> int:
    _train(directory / "source.spm", texts=_source())
    _train(directory / "target.spm", texts=_target())
    both = [piece for side in ("source", "target") for piece in _pieces(directory / f"{side}.spm")]
    tokens = dict.fromkeys(["</s>", "<unk>", *languages, *both])
    tokens.pop("<s>")
    return _write_vocabulary(directory, [*tokens, "<pad>"])


def _m2m100(directory: Path) -> int:
    _train(directory / "sentencepiece.bpe.model", model_type="bpe")
    tokens = dict.fromkeys([*_FAIRSEQ, *_pieces(directory / "sentencepiece.bpe.model")])
    return _write_vocabulary(directory, list(tokens)) + 100 + 8


def _write_vocabulary(directory: Path, tokens: list[str]) -> int:
    ids = {token: index for index, token in enumerate(tokens)}
    (directory / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), "utf-8")
    return len(ids)


def _pieces(path: Path) -> list[str]:
    processor = sentencepiece.SentencePieceProcessor(str(path))
    return [processor.id_to_piece(index) for index in range(len(processor))]


def _source() -> list[str]:
    return [source for source, _ in pairs(2_000, seed=1)] + odd_sentences(500, seed=1)


def _target() -> list[str]:
    return [target for _, target in pairs(2_000, seed=1)]


def _train(path: Path, *, texts: Iterable[str] = (), **options: Any) -> int:
    model = io.BytesIO()
    options = {"model_type": "unigram", "vocab_size": 500, "character_coverage": 0.999} | options
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts or [*_source(), *_target()]),
        model_writer=model,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    path.write_bytes(model.getvalue())
    return len(sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()))
