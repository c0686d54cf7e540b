"""Checkpoints: which family they are of, and what they lack."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.catalog import Family
from models.hub.checkpoint import (
    check_architecture,
    check_content,
    check_safetensors,
    check_tokenizer,
    family_of,
    shards_of,
    weight_files,
)
from models.hub.errors import HubError


def config(folder: Path, **fields: Any) -> Path:
    (folder / "config.json").write_text(json.dumps(fields))
    return folder


@pytest.mark.parametrize(
    ("kind", "tokenizer", "family"),
    [
        ("marian", "MarianTokenizer", "marian"),
        ("m2m_100", "NllbTokenizer", "nllb"),
        ("m2m_100", "NllbTokenizerFast", "nllb"),
        ("m2m_100", "M2M100Tokenizer", "m2m100"),
        ("t5", "T5Tokenizer", "t5"),
        ("mt5", "T5Tokenizer", "t5"),
        ("mbart", "BarthezTokenizer", "mbart"),
    ],
)
def test_the_family_is_told_by_the_files(tmp_path: Path, kind: str, tokenizer: str, family: str) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": tokenizer}))
    assert family_of(config(tmp_path, model_type=kind), "it") == family


def test_an_m2m100_without_a_tokenizer_config_is_told_by_its_vocabulary(tmp_path: Path) -> None:
    config(tmp_path, model_type="m2m_100")
    assert family_of(tmp_path, "it") is Family.NLLB
    (tmp_path / "vocab.json").write_text("{}")
    assert family_of(tmp_path, "it") is Family.M2M100


def test_another_family_than_the_catalog_says_is_refused(tmp_path: Path) -> None:
    config(tmp_path, model_type="marian", architectures=["MarianMTModel"])
    check_architecture(tmp_path, Family.MARIAN, "it")
    with pytest.raises(HubError, match="it is MarianMTModel, where the nllb family needs M2M100"):
        check_architecture(tmp_path, Family.NLLB, "it")


def test_either_kind_of_tokenizer_file_will_do(tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"sentencepiece\.bpe\.model or tokenizer\.json"):
        check_tokenizer(tmp_path, Family.MBART, "it")
    (tmp_path / "tokenizer.json").write_text("{}")
    check_tokenizer(tmp_path, Family.MBART, "it")


def test_safetensors_come_before_pickles_and_whole_files_before_shards() -> None:
    both = ["pytorch_model.bin", "model.safetensors.index.json", "model.safetensors"]
    assert weight_files(both, "it") == ["model.safetensors"]
    assert weight_files(both[:2], "it") == ["model.safetensors.index.json"]
    assert weight_files(both[:1], "it") == ["pytorch_model.bin"]
    with pytest.raises(HubError, match="no weights"):
        weight_files(["tf_model.h5"], "it")


def test_an_index_names_its_shards_and_nothing_outside(tmp_path: Path) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(
        json.dumps({"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}})
    )
    assert shards_of(index) == ["model-1-of-2.safetensors", "model-2-of-2.safetensors"]
    index.write_text(json.dumps({"weight_map": {"a": "../model.safetensors"}}))
    with pytest.raises(HubError, match="damaged"):
        shards_of(index)
    index.write_text(json.dumps({"weight_map": ["a"]}))
    with pytest.raises(HubError, match="it names no weights"):
        shards_of(index)


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0[]"])
def test_what_has_no_safetensors_header_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(HubError, match=r"model\.safetensors is damaged"):
        check_safetensors(path)


def test_a_type_that_is_no_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="which Khulasa does not run"):
        family_of(config(tmp_path, model_type=["x"]), "it")


def test_a_pointer_of_git_lfs_is_told_from_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n")
    with pytest.raises(HubError, match="is a git-lfs pointer"):
        check_content(path)
