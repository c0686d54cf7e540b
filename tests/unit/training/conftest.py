"""What several of the training tests look at."""

from pathlib import Path

import pytest

from models.training.__main__ import main
from tests.unit.training import toy
from tests.unit.training.runs import prepared, train


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `run` (trained) and `exported` (int8)."""
    directory = tmp_path_factory.mktemp("toy")
    recipe = toy.write_recipe(directory)
    run = prepared(directory, recipe)
    train(run, recipe)
    exported = ["--run", str(run), "--recipe", str(recipe), "--into", str(directory / "exported")]
    assert main(["average", "--run", str(run)]) == 0
    assert main(["export", *exported, "--licence", "CC0-1.0", "--max-source-tokens", "40"]) == 0
    development = [str(directory / "dev.ar"), str(directory / "dev.en")]
    scored = ["--set", "toy-dev", *development, "--into", str(directory / "exported")]
    assert main(["score", "--run", str(run), *scored]) == 0
    return directory
