"""Models on disk: what a model folder says of itself, read without loading any weights."""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from jobs.errors import BrokenModel, NoModel
from models.catalog import Facts, Family, Scores

BUNDLED_TRANSLATION = Path(__file__).parent / "bundled" / "ar-en"
MANIFEST = "manifest.json"
CONVERTED = "model.bin"  # CTranslate2's weights
CHECKPOINT = "checkpoint"  # a folder inside: the weights as the hub has them, for the reference engine


class ModelInfo(BaseModel):
    """What `/v1/models` says of a model."""

    name: str
    licence: str
    non_commercial: bool = False
    draft: bool = False
    source_language: str
    target_language: str
    parameters: int | None = None
    size_bytes: int = 0
    scores: dict[str, Scores] = {}


class Model(Facts):
    """A model folder's `manifest.json`; a folder without one gets the defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    path: Path
    draft: bool = False
    quantization: str = "not stated"
    scores: dict[str, Scores] = Field(default_factory=dict)
    hub_id: str | None = None
    revision: str | None = None
    sha256: dict[str, str] = Field(default_factory=dict)  # of each file, by its path inside the folder

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the weights and with how they are decoded; the same on every machine."""
        told = self.model_dump_json(exclude={"path", "scores", "draft", "quality", "memory_mb"})
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def needed_mb(self) -> int:
        """The memory that it takes once loaded; from the size of its files where nobody measured it."""
        return self.memory_mb or math.ceil(1.3 * self._size_bytes() / 1_000_000)

    def info(self) -> ModelInfo:
        return ModelInfo(
            size_bytes=self._size_bytes(), **self.model_dump(include=set(ModelInfo.model_fields))
        )

    def _size_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file())


def open_model(path: Path) -> Model:
    """Raises NoModel where there is no model, BrokenModel where there is half of one or it cannot be read."""
    try:
        return _open(path)
    except OSError as error:
        raise BrokenModel(f"the model {path.name} cannot be read: {error.strerror}") from error


def _open(path: Path) -> Model:
    if not path.is_dir() or not ((path / CONVERTED).is_file() or (path / CHECKPOINT).is_dir()):
        raise NoModel(f"there is no model in {path}; `khulasa models list` names those that are installed")
    path = path.resolve()  # a pull may lead its name elsewhere while the weights are being loaded
    model = _read_manifest(path)
    missing = [name for name in _needed(model) if not (path / name).is_file()]
    if missing:
        raise BrokenModel(f"the model folder {path} lacks {', '.join(missing)}; install it again")
    return model


def installed(folder: Path) -> Iterator[Model]:
    """The whole models in `folder`, by name; what is broken is left out, `khulasa models verify` names it."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith("."):
            continue
        try:
            yield open_model(path)
        except (NoModel, BrokenModel):
            continue


def _read_manifest(path: Path) -> Model:
    manifest = path / MANIFEST
    try:
        if not manifest.is_file():
            return Model(path=path, name=_name_of(path))
        return Model(**json.loads(manifest.read_text("utf-8")) | {"path": path})
    except (ValueError, TypeError) as error:
        raise BrokenModel(f"{manifest} cannot be read; install the model again") from error


def _name_of(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.name).lstrip("._-") or "model"


def _needed(model: Model) -> list[str]:
    names = list(model.sha256)
    if (model.path / CONVERTED).is_file():
        names += [CONVERTED, "config.json"]
        if model.family is Family.MARIAN:
            names += ["source.spm", "target.spm"]
    return list(dict.fromkeys(names))
