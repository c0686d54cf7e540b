"""Processes that train one network together."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs requirements-train.txt")
pytest.importorskip("sacrebleu", reason="training needs requirements-train.txt")

import numpy as np
import psutil
import torch  # noqa: TID253

from models.training import replicas
from models.training.__main__ import main
from models.training.batches import Order
from models.training.checkpoint import seen
from models.training.replicas import Replicas, started
from tests.unit.training import toy
from tests.unit.training.runs import prepared, train, training

VALUES = torch.arange(12.0).reshape(6, 2)
PARTS = (VALUES[:4], VALUES[4:])  # of different sizes


def _gradient(values: torch.Tensor, weights: list[torch.Tensor]) -> None:
    ((values @ weights[0]).square().mean() + weights[1] * values.mean()).backward()


def _fresh_weights() -> list[torch.Tensor]:
    return [torch.tensor([1.0, -2.0], requires_grad=True), torch.tensor(3.0, requires_grad=True)]


def _share(one: Replicas, results: Path) -> None:
    weights, own = _fresh_weights(), PARTS[one.index]
    _gradient(own, weights)
    told = one.share(weights, len(own), (10.0, one.index + 1.0))
    agreed = torch.tensor(float(one.index + 5))
    one.agree([agreed])
    torch.save([[weight.grad for weight in weights], told, float(agreed)], results / f"{one.index}.pt")


def test_an_update_is_the_one_that_all_batches_would_have_given_together(tmp_path: Path) -> None:
    with started(2, _share, tmp_path) as leader:
        _share(leader, tmp_path)
    alone = _fresh_weights()
    _gradient(VALUES, alone)
    for index in (0, 1):
        gradients, told, agreed = torch.load(tmp_path / f"{index}.pt")
        for gradient, weight in zip(gradients, alone, strict=True):
            assert weight.grad is not None
            torch.testing.assert_close(gradient, weight.grad)
        assert (told, agreed) == ([20.0, 3.0], 5.0)


def test_replicas_share_the_batches_and_none_has_more() -> None:
    orders = [Order(np.zeros((1, 2), np.int64), seed) for seed in range(8)]
    shares = [list(Replicas(index, 3).own(iter(orders))) for index in range(3)]
    assert [[order.seed for order in share] for share in shares] == [[0, 3], [1, 4], [2, 5]]
    assert list(Replicas().own(iter(orders))) == orders


def _die_before_the_others_meet(*_: object) -> None:
    raise AssertionError("it is never called")


def test_one_that_dies_before_it_has_started_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "_STARTED_WITHIN_SECONDS", 1)
    monkeypatch.setattr(multiprocessing.get_context("spawn").Process, "start", lambda self: None)
    with pytest.raises(TimeoutError, match="fewer --replicas"), started(2, _die_before_the_others_meet):
        pass


def _recipe(directory: Path, **changes: object) -> Path:
    return toy.write_recipe(directory, alignment=0.0, lexical="false", **changes)


def test_what_is_learnt_before_the_training_is_learnt_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recipe = toy.write_recipe(tmp_path, max_steps=6)  # with an alignment
    log = train(prepared(tmp_path, recipe), recipe, "--replicas", "2")
    assert log[-1]["step"] == 6
    assert capfd.readouterr().err.count("align: 100%") == 1


def test_an_epoch_that_is_divided_in_another_way_is_not_gone_on_with(tmp_path: Path) -> None:
    run = prepared(tmp_path, _recipe(tmp_path))

    def place(max_steps: int, count: str) -> tuple[int, int]:
        # Both in the second stage, which is all that there is.
        recipe = _recipe(tmp_path, max_steps=max_steps)
        recipe.write_text(recipe.read_text("utf-8").replace("until = 0.5", "until = 0.0"), "utf-8")
        train(run, recipe, "--replicas", count)
        counts = torch.load(run / "resume.pt", weights_only=True)["counts"]
        return counts["epoch"], counts["batch"]

    assert place(2, "1") == (0, 2)
    assert place(3, "1") == (0, 3)
    assert place(4, "2") == (1, 1)


def test_two_replicas_train_one_network_and_go_on_from_their_snapshot(tmp_path: Path) -> None:
    run = prepared(tmp_path, _recipe(tmp_path, max_steps=4))
    log = train(run, _recipe(tmp_path, max_steps=4), "--replicas", "2")
    assert log[-1]["step"] == 4
    # Each replica's batch is of half the tokens: an update is as large as alone.
    assert 2 * 4 * 200 < log[-1]["target_tokens"] < 4 * 600
    log = train(run, _recipe(tmp_path, max_steps=60), "--replicas", "2")
    assert [entry["step"] for entry in log if "dev_chrf" in entry] == [4, 60]
    assert seen(run / "best") == {"toy": log[-1]["target_tokens"]}
    losses = [entry["loss"] for entry in log if "loss" in entry]
    assert losses[-1] < 4.0
    assert main(["average", "--run", str(run)]) == 0


@pytest.mark.parametrize("victim", ["leader", "other"])
def test_where_one_is_killed_none_goes_on_alone(tmp_path: Path, victim: str) -> None:
    recipe = _recipe(tmp_path, max_steps=1_000_000, snapshot_minutes=0.001)
    recipe.write_text("patience = 1000000\n" + recipe.read_text("utf-8"), "utf-8")
    run = prepared(tmp_path, recipe)
    command = [sys.executable, "-m", "models.training", *training(run, recipe), "--replicas", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (run / "resume.pt").exists() and process.poll() is None:
            time.sleep(0.05)
        own = psutil.Process(process.pid)
        others = [child for child in own.children() if "resource_tracker" not in " ".join(child.cmdline())]
        assert len(others) == 1
        os.kill(process.pid if victim == "leader" else others[0].pid, signal.SIGKILL)
        assert process.wait(60) != 0
        _, alive = psutil.wait_procs(others, timeout=60)
        assert alive == []


def test_a_gpu_has_one_replica_and_so_have_workers(tmp_path: Path) -> None:
    recipe = _recipe(tmp_path)
    run = prepared(tmp_path, recipe)
    for more in (["--device", "cuda"], ["--workers", "1"]):
        with pytest.raises(ValueError, match="a GPU takes one"):
            main([*training(run, recipe), *more, "--replicas", "2"])
