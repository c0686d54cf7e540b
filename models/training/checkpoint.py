"""What a run leaves on disk: written whole or not at all, and known to belong to the run that reads it."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from models.training.recipe import Recipe
from models.training.vocabulary import SIDES

RESUME = "resume.pt"
SNAPSHOTS = "snapshots"
SEEN = "seen.json"  # of a checkpoint
WEIGHTS = "model.safetensors"


class ForeignFile(ValueError):
    """A file in the run's directory was made with other settings than those that would use it."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place beside `path` for a file or a directory, which becomes `path` when the block is through."""
    fresh = path.with_name(f".new-{path.name}")
    remove(fresh)
    yield fresh
    if fresh.is_dir():  # only a file can be renamed over another
        remove(path)
    fresh.replace(path)


def remove(path: Path) -> None:
    """Delete a file or a directory, if there is one; a directory is out of sight before it is half gone."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    gone = path.with_name(f".old-{path.name}")
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone)


def seen(directory: Path) -> dict[str, int]:
    """How many target tokens of each origin the checkpoint has seen; raises FileNotFoundError where it
    does not say."""
    path = directory / SEEN
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: write into it what the weights have seen, as in "
            '{"news": 1000000}, in target tokens'
        )
    told: dict[str, int] = json.loads(path.read_text("utf-8"))
    return told


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def vocabularies(run: Path) -> dict[str, str]:
    """The hash of each vocabulary in the run's directory."""
    return {f"{side}.spm": sha256(run / f"{side}.spm") for side in SIDES}


def origin_of_weights(run: Path, recipe: Recipe, start_from: Path | None = None) -> dict[str, str]:
    """What weights must have been made with to be of use to `recipe` in `run`, which began with the
    checkpoint `start_from`."""
    shape = dataclasses.asdict(recipe.network) | {"vocabulary": recipe.vocabulary.size}
    del shape["dropout"]  # no weight depends on it
    begun = {"--start-from": sha256(start_from / WEIGHTS)} if start_from else {}
    return {**vocabularies(run), "network": json.dumps(shape, sort_keys=True), **begun}


def differing(found: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """The names of what is wanted and was not found, or found to be something else."""
    return [name for name, value in wanted.items() if found.get(name) != value]


def require_same(
    path: Path, found: Mapping[str, str], wanted: Mapping[str, str], option: str = "--run"
) -> None:
    """Raises ForeignFile, which says what to do, where `path` was made with (`found`) anything else."""
    other = differing(found, wanted)
    if other:
        raise ForeignFile(
            f"{path} was made with another {', another '.join(other)}: delete it, or use another {option}"
        )
