"""The pull inside one process: what a full disk does to it, and how weights are quantized."""

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub", reason="it comes with transformers, which pulling alone needs")

from models.catalog import Family
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
    assert sorted(path.name for path in before.parent.iterdir()) != []


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
