"""Models on disk: what a model folder may look like."""

import json
from pathlib import Path

import pytest

from jobs.errors import BrokenModel, NoModel
from models.installed import open_model

FILES = ("model.bin", "config.json", "source.spm", "target.spm")


def a_folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_bytes(b"{}")
    return path


def test_a_folder_without_a_manifest_is_named_after_itself(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, *FILES)
    assert open_model(folder).name == folder.name


def test_the_manifest_is_what_the_model_says_of_itself(tmp_path: Path) -> None:
    scores = {"flores200-dev": {"bleu": 1.5, "chrf": 20.25}}
    (tmp_path / "manifest.json").write_text(json.dumps({"name": "ours", "draft": True, "scores": scores}))
    info = open_model(a_folder(tmp_path, *FILES)).info()
    assert (info.name, info.draft, info.scores["flores200-dev"].chrf) == ("ours", True, 20.25)
    assert info.size_bytes > 8


def test_no_folder_is_no_model_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="khulasa models list"):
        open_model(tmp_path / "nothing")


def test_half_a_model_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match=r"target\.spm"):
        open_model(a_folder(tmp_path, "model.bin", "config.json", "source.spm"))


@pytest.mark.parametrize("manifest", ["{", "[]", '{"name": 3}', '{"name": "x", "scores": 1}'])
def test_a_manifest_that_cannot_be_read_is_a_broken_model(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BrokenModel, match="manifest"):
        open_model(a_folder(tmp_path, *FILES))


def test_a_model_that_a_name_leads_to_is_opened_where_it_lies(tmp_path: Path) -> None:
    folder = tmp_path / "whole"
    folder.mkdir()
    a_folder(folder, *FILES)
    name = tmp_path / "name"
    name.symlink_to(folder)
    assert open_model(name).path == folder.resolve()
