"""Toy runs, for the tests to look at: prepared, trained."""

import json
from pathlib import Path
from typing import Any

from models.training.__main__ import main
from tests.unit.training import toy


def training(run: Path, recipe: Path) -> list[str]:
    validation = [str(run.parent / "dev.ar"), str(run.parent / "dev.en")]
    options = ["--run", str(run), "--recipe", str(recipe), "--validation", *validation]
    return ["train", *options, "--device", "cpu", "--replicas", "1"]


def train(run: Path, recipe: Path, *more: str) -> list[dict[str, Any]]:
    assert main([*training(run, recipe), *more]) == 0
    return [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]


def prepared(directory: Path, recipe: Path) -> Path:
    """A run directory with pairs and vocabularies; every twelfth sentence is kept for validation."""
    corpus, run = toy.write_corpus(directory), directory / "run"
    held_out, _ = toy.write_development(directory)
    options = ["--run", str(run)]
    assert main(["prepare", *options, str(corpus), "--held-out", str(held_out)]) == 0
    assert main(["vocabulary", *options, "--recipe", str(recipe)]) == 0
    return run


def lines_in(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()
