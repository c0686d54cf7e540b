"""Synthetic pairs: in bulk, the surest, resumable, Arabic first."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs requirements-train.txt")
pytest.importorskip("sacrebleu", reason="training needs requirements-train.txt")

from models.training import bulk, synthesis
from models.training.__main__ import main
from models.training.checkpoint import ForeignFile
from models.training.corpus import open_text
from tests.unit.training.runs import lines_in


def _synthesise(
    made: Path,
    into: Path,
    *more: str,
    model: str = "exported",
    device: str = "cpu",
    text: Path | None = None,
) -> list[list[str]]:
    files = ["--from", str(text or made / "dev.ar"), "--into", str(into)]
    assert main(["translate", "--model", str(made / model), *files, "--device", device, *more]) == 0
    with open_text(into) as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


def test_text_is_translated_in_bulk_into_pairs_of_which_the_surest_stay(made: Path, tmp_path: Path) -> None:
    pairs = _synthesise(made, tmp_path / "all.tsv.xz")
    assert [source for source, _ in pairs] == lines_in(made / "dev.ar")
    right = [target == english for (_, target), english in zip(pairs, lines_in(made / "dev.en"), strict=True)]
    assert sum(right) >= 0.75 * len(right)
    half = _synthesise(made, tmp_path / "half.tsv", "--keep", "0.5")
    assert len(half) == len(pairs) // 2
    assert all(pair in pairs for pair in half)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.tsv.xz", "half.tsv"]


def test_a_pair_that_serving_would_flag_is_left_out(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [*lines_in(made / "dev.ar"), "زار الوزير المدينة عام 1987."]  # it has met 2019 and 2021 alone
    (tmp_path / "lines.ar").write_text("\n".join(lines), "utf-8")
    pairs = _synthesise(made, tmp_path / "pairs.tsv", text=tmp_path / "lines.ar")
    assert [source for source, _ in pairs] == lines[:-1]
    assert capsys.readouterr().out == "8 pairs; 1 more left out for a flag\n"


def test_a_translation_that_was_stopped_goes_on_with_the_next_block(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "_BLOCK", 3)
    calls: list[int] = []
    translate = bulk.ExportedTranslator.translate

    def stopped(self: Any, lines: list[str]) -> Any:
        calls.append(len(lines))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return translate(self, lines)

    monkeypatch.setattr(bulk.ExportedTranslator, "translate", stopped)
    with pytest.raises(KeyboardInterrupt):
        _synthesise(made, tmp_path / "pairs.tsv")
    with pytest.raises(ForeignFile, match="another beam size: delete it, or use another --into"):
        _synthesise(made, tmp_path / "pairs.tsv", "--beam-size", "3")
    pairs = _synthesise(made, tmp_path / "pairs.tsv")
    assert calls == [3, 3, 3, 2]
    assert [source for source, _ in pairs] == lines_in(made / "dev.ar")


def test_weights_that_read_english_make_pairs_the_other_way_round(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[tuple[str, str]] = []
    # The toy still writes English: a real check would flag that.
    monkeypatch.setattr(synthesis, "flags", lambda *pair: checked.append(pair) or [])
    shutil.copytree(made / "exported", tmp_path / "exported")
    manifest = json.loads((tmp_path / "exported" / "manifest.json").read_text("utf-8"))
    (tmp_path / "exported" / "manifest.json").write_text(json.dumps(manifest | {"source_language": "en"}))
    shutil.copyfile(made / "dev.ar", tmp_path / "dev.ar")
    pairs = _synthesise(tmp_path, tmp_path / "pairs.tsv")
    assert [written for _, written in pairs] == lines_in(made / "dev.ar")
    assert [list(pair) for pair in checked] == pairs


def test_a_checkpoint_translates_where_there_is_no_export(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = _synthesise(made, tmp_path / "exported.tsv")
    torch_s = _synthesise(made, tmp_path / "checkpoint.tsv", model="run/averaged", device="auto")
    same = sum(one == other for one, other in zip(exported, torch_s, strict=True))
    assert same >= 0.75 * len(exported)  # which is in eight bits
    monkeypatch.setattr(synthesis, "flags", lambda *_: [])
    reverse = _synthesise(made, tmp_path / "reverse.tsv", "--reverse", model="run/averaged")
    assert reverse == [row[::-1] for row in torch_s]
