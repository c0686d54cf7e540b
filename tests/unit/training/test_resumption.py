"""Runs that are cut, killed, paused, or would go on with what is not theirs."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs requirements-train.txt")
pytest.importorskip("sacrebleu", reason="training needs requirements-train.txt")

from models.training.__main__ import main
from models.training.checkpoint import ForeignFile, seen
from models.training.validation import Validation
from tests.unit.training import toy
from tests.unit.training.runs import prepared, train, training


def test_a_resumed_run_is_the_run_that_was_not_cut(tmp_path: Path) -> None:
    changes: dict[str, object] = {"decay": "inverse-sqrt", "alignment": 0.0, "sampling_alpha": 0.3}
    ends = []
    for name, cuts in (("whole", [24]), ("cut", [12, 24])):
        directory = tmp_path / name
        directory.mkdir()
        run = prepared(directory, toy.write_recipe(directory, **changes))
        for max_steps in cuts:
            # A snapshot at the cut; stages end by share, so one stage serves both lengths.
            recipe = toy.write_recipe(directory, max_steps=max_steps, **changes)
            text = recipe.read_text("utf-8").replace("until = 0.5", "until = 0.0")
            recipe.write_text(text, "utf-8")
            log = train(run, recipe)
        ends.append((log[-1]["step"], log[-1]["dev_chrf"], log[-1]["target_tokens"]))
        assert _state(run)["counts"]["seen"] == {"toy": log[-1]["target_tokens"]}
        ends.append(_weights(run))
    assert ends[0] == ends[2]
    assert ends[1] == pytest.approx(ends[3], abs=1e-5)


def _weights(run: Path) -> list[float]:
    return [float(value.double().norm()) for value in _state(run)["model"].values()]


def _state(run: Path) -> Any:
    import torch

    return torch.load(run / "resume.pt", weights_only=True)


def test_training_stops_when_as_many_snapshots_as_patience_allows_scored_no_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([10.0, 20.0, 19.0, 21.0, 21.0, 20.0, 30.0])
    monkeypatch.setattr(Validation, "chrf", lambda *_: next(scores))
    recipe = toy.write_recipe(tmp_path, max_steps=50, snapshot_minutes=0.0, alignment=0.0, lexical="false")
    recipe.write_text("patience = 2\n" + recipe.read_text("utf-8"), "utf-8")
    run = prepared(tmp_path, recipe)
    assert [entry["dev_chrf"] for entry in train(run, recipe)] == [10.0, 20.0, 19.0, 21.0, 21.0, 20.0]
    # Started once more it finds that it is through.
    assert len(train(run, recipe)) == 6


def test_a_killed_run_loses_only_what_came_after_its_last_snapshot(tmp_path: Path) -> None:
    recipe = toy.write_recipe(tmp_path, max_steps=16, snapshot_minutes=0.0, alignment=0.0, lexical="false")
    recipe.write_text("patience = 40\n" + recipe.read_text("utf-8"), "utf-8")
    run = prepared(tmp_path, recipe)
    command = [sys.executable, "-m", "models.training", *training(run, recipe), "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while len(list((run / "snapshots").glob("step-*"))) < 2 and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    kept = _state(run)["counts"]
    assert 0 < kept["step"] < 16
    first = len((run / "log.jsonl").read_text("utf-8").splitlines())
    log = train(run, recipe)
    assert [entry["step"] for entry in log[first:] if "dev_chrf" in entry] == [*range(kept["step"] + 1, 17)]
    assert log[first]["seconds"] >= round(kept["seconds"], 1) > 0.0
    assert main(["average", "--run", str(run)]) == 0
    assert sorted(path.name for path in (run / "snapshots").iterdir()) == ["step-0000015", "step-0000016"]


def test_a_pause_takes_a_snapshot_and_the_next_call_goes_on(tmp_path: Path) -> None:
    recipe = toy.write_recipe(tmp_path, max_steps=8, alignment=0.0, lexical="false")
    run = prepared(tmp_path, recipe)
    assert [entry["step"] for entry in train(run, recipe, "--pause-after", "1e-9")] == [1]
    assert train(run, recipe)[-1]["step"] == 8
    assert sorted(path.name for path in (run / "snapshots").iterdir()) == ["step-0000001", "step-0000008"]


@pytest.mark.parametrize("change", ["source.spm", "network"])
def test_a_snapshot_of_other_pieces_or_another_network_is_refused(
    tmp_path: Path, made: Path, change: str
) -> None:
    run, recipe = _changed(made, tmp_path, change)
    with pytest.raises(ForeignFile, match=rf"resume\.pt was made with another {change}: delete it"):
        train(run, recipe)


_CHANGES = {"network": ("feed_forward = 64", "feed_forward = 32"), "size": ("size = 360", "size = 400")}


def _changed(made: Path, directory: Path, change: str) -> tuple[Path, Path]:
    """A copy of the run that was made, and its recipe, of which one may have changed since."""
    run = shutil.copytree(made / "run", directory / "run")
    toy.write_development(directory)
    recipe = toy.write_recipe(directory, lexical="false", alignment=0.0)
    if change in _CHANGES:
        recipe.write_text(recipe.read_text("utf-8").replace(*_CHANGES[change]), "utf-8")
    elif change == "source.spm":
        shutil.copyfile(run / "target.spm", run / "source.spm")
    return run, recipe


def test_a_lexicon_of_other_pieces_is_refused(tmp_path: Path, made: Path) -> None:
    run = shutil.copytree(made / "run", tmp_path / "run")
    shutil.copyfile(run / "source.spm", run / "target.spm")
    toy.write_development(tmp_path)
    with pytest.raises(ForeignFile, match=r"lexicon\.npy was made with another target\.spm: delete it"):
        train(run, toy.write_recipe(tmp_path))


def test_a_run_begins_with_the_weights_of_a_checkpoint(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = toy.write_recipe(tmp_path, max_steps=1, alignment=0.0, lexical="false")
    run = prepared(tmp_path, recipe)
    for side in ("source", "target"):
        shutil.copyfile(made / "run" / f"{side}.spm", run / f"{side}.spm")
    fresh = train(run, recipe)[-1]["dev_chrf"]
    (run / "resume.pt").unlink()
    (run / "snapshots" / "step-0000001").rename(run / "snapshots" / "step-0000009")
    monkeypatch.delattr("models.training.launch._start_from_corpus")
    begun = train(run, recipe, "--start-from", str(made / "run" / "averaged"))[-1]
    assert begun["step"] == 1
    assert begun["dev_chrf"] > 90.0 > fresh
    before = seen(made / "run" / "averaged")["toy"]
    (own,) = (run / "snapshots").iterdir()  # what was given up would be averaged with it
    assert seen(own) == {"toy": before + begun["target_tokens"]}


def test_a_run_goes_on_with_the_checkpoint_that_it_began_with(tmp_path: Path, made: Path) -> None:
    run, recipe = _changed(made, tmp_path, "nothing")
    (run / "resume.pt").unlink()
    begin = ["--start-from", str(made / "run" / "averaged")]
    train(run, recipe, *begin, "--pause-after", "1e-9")
    assert train(run, recipe, "--pause-after", "1e-9")[-1]["step"] == 2
    assert train(run, recipe, *begin, "--pause-after", "1e-9")[-1]["step"] == 3
    with pytest.raises(ForeignFile, match=r"resume\.pt was made with another --start-from: delete it"):
        train(run, recipe, "--start-from", str(shutil.copytree(run / "best", tmp_path / "best")))


def test_a_run_does_not_begin_with_what_it_would_write_over(tmp_path: Path, made: Path) -> None:
    run, recipe = _changed(made, tmp_path, "nothing")
    (run / "resume.pt").unlink()
    with pytest.raises(ForeignFile, match="best is in the run itself: copy it out, or use another --run"):
        train(run, recipe, "--start-from", str(run / "best"))


def test_a_checkpoint_that_does_not_say_what_it_has_seen_is_not_taken_for_one_that_saw_nothing(
    tmp_path: Path, made: Path
) -> None:
    run, recipe = _changed(made, tmp_path, "nothing")
    (run / "averaged" / "seen.json").unlink()
    options = ["--run", str(run), "--recipe", str(recipe), "--into", str(tmp_path), "--licence", "CC0-1.0"]
    with pytest.raises(FileNotFoundError, match=r"seen\.json is missing: write into it"):
        main(["export", *options])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("source.spm", r"averaged was made with another source\.spm: copy its own into .*run"),
        ("network", "averaged has feed_forward 64: put that into the recipe"),
        ("size", r"averaged has vocabulary\.size 360: put that into the recipe"),
    ],
)
def test_a_checkpoint_of_other_pieces_or_another_network_cannot_be_started_from(
    tmp_path: Path, made: Path, change: str, told: str
) -> None:
    run, recipe = _changed(made, tmp_path, change)
    (run / "resume.pt").unlink()
    with pytest.raises(ForeignFile, match=told):
        train(run, recipe, "--start-from", str(made / "run" / "averaged"))
