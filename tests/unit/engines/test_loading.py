"""Loading: what is missing is named."""

import sys
from pathlib import Path

import pytest

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions
from models.engines.loading import open_generator
from models.installed import CHECKPOINT, Model


def test_a_checkpoint_without_torch_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CHECKPOINT).mkdir()
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "models.engines.transformers", raising=False)
    with pytest.raises(BrokenModel, match=r"needs torch .*requirements-convert\.txt"):
        open_generator(Model(path=tmp_path, name="toy"), EngineOptions(engine="transformers"))
