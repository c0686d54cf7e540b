"""The pull inside one process: what a full disk does to it, and how weights are quantized."""

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub", reason="it comes with transformers, which pulling alone needs")

from models.catalog import Family, read_catalog
from models.hub import download
from models.hub.errors import HubError
from models.hub.pull import How, pull
from models.hub.store import Store
from models.hub.wanted import Wanted
from models.installed import BUNDLED_TRANSLATION

HOW = How(engine="transformers", smoke=False)


def a_checkpoint(folder: Path) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "marian"}))
    (folder / "vocab.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"weights")
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(BUNDLED_TRANSLATION / name, folder / name)
    return folder


def test_a_full_disk_is_one_sentence_and_the_old_model_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "models")
    wanted = Wanted("ours", directory=a_checkpoint(tmp_path / "checkpoint"))
    pull(wanted, store, HOW, print)
    before = (store.models_dir / "ours").resolve()

    def full(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"h")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(HubError, match="models is full; make room and pull again"):
            pull(wanted, store, HOW, print)
    assert (store.models_dir / "ours").resolve() == before
    assert (before / "checkpoint" / "pytorch_model.bin").read_bytes() == b"weights"
    pull(wanted, store, HOW, print)
    assert (store.models_dir / "ours").resolve() != before


def test_a_model_from_elsewhere_is_replaced_only_when_told(tmp_path: Path) -> None:
    store = Store(tmp_path / "models")
    wanted = Wanted("ours", directory=a_checkpoint(tmp_path / "checkpoint"))
    folder = pull(wanted, store, HOW, print).path
    told = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(told | {"hub_id": "we/ours"}))
    with pytest.raises(HubError, match="ours is installed from we/ours"):
        pull(wanted, store, HOW, print)
    assert pull(wanted, store, replace(HOW, replace=True), print).path != folder


@pytest.mark.parametrize(("quantization", "memory_mb"), [("int8", 200), ("float32", None)])
def test_the_memory_is_known_for_int8_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quantization: str, memory_mb: int | None
) -> None:
    def convert(_checkpoint: Path, place: Path, *_: object) -> None:
        for name in ("model.bin", "config.json", "source.spm", "target.spm"):
            (place / name).write_text("{}")

    monkeypatch.setattr("models.hub.pull.convert", convert)
    monkeypatch.setattr("models.hub.pull._check_torch", lambda _how: None)
    entry = read_catalog()["opus-mt-ar-en"]
    wanted = Wanted("ours", directory=a_checkpoint(tmp_path / "checkpoint"), entry=entry)
    how = How(quantization=quantization, smoke=False)
    assert pull(wanted, Store(tmp_path / "models"), how, print).memory_mb == memory_mb


@pytest.mark.parametrize(
    ("how", "family", "quantization"),
    [
        (How(), Family.NLLB, "int8"),
        (How(device="cuda"), Family.NLLB, "float16"),
        (How(device="cuda"), Family.T5, "bfloat16"),
        (How(device="cuda", quantization="int8_float16"), Family.NLLB, "int8_float16"),
    ],
)
def test_weights_are_quantized_for_the_device(how: Any, family: Family, quantization: str) -> None:
    assert how.quantization_for(family) == quantization


def test_redirects_without_end_are_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    class TooManyRedirects(Exception):
        __module__ = "httpx"

    def redirect(*_: object) -> None:
        raise TooManyRedirects

    monkeypatch.setattr(download, "_listing", redirect)
    with pytest.raises(HubError, match="redirects without end"):
        download.look_up("we/ours", "main")
