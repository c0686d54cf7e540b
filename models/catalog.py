"""The models on disk: what a model folder says of itself, read without loading any weights."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from jobs.errors import BrokenModel, NoTranslationModel

BUNDLED_TRANSLATION = Path(__file__).parent / "bundled" / "ar-en"
_MANIFEST = "manifest.json"
_NEEDED = ("model.bin", "config.json", "source.spm", "target.spm")


class Scores(BaseModel):
    """As sacrebleu gives them, 0 to 100."""

    bleu: float
    chrf: float


class ModelInfo(BaseModel):
    """What `/v1/models` says of a model."""

    name: str
    licence: str
    draft: bool = False
    source_language: str
    target_language: str
    parameters: int | None = None
    size_bytes: int = 0
    scores: dict[str, Scores] = {}


class Model(BaseModel):
    """A model folder's `manifest.json`; a folder without one gets the defaults."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    path: Path
    name: str
    family: str = "marian"
    licence: str = "not stated"
    draft: bool = False
    source_language: str = "ar"
    target_language: str = "en"
    parameters: int | None = None
    max_source_tokens: int = 256
    repetition_penalty: float = 1.0  # of decoding, as CTranslate2 means it: 1 is none
    scores: dict[str, Scores] = {}

    def info(self) -> ModelInfo:
        size = sum(file.stat().st_size for file in self.path.iterdir() if file.is_file())
        return ModelInfo(size_bytes=size, **self.model_dump(include=set(ModelInfo.model_fields)))


def open_model(path: Path) -> Model:
    """Raises NoTranslationModel where there is no model, BrokenModel where there is half of one."""
    if not path.is_dir() or not (path / "model.bin").is_file():
        raise NoTranslationModel(
            f"there is no model in {path}; set KHULASA_TRANSLATION_MODEL to a CTranslate2 model folder"
        )
    missing = [name for name in _NEEDED if not (path / name).is_file()]
    if missing:
        raise BrokenModel(f"the model folder {path} lacks {', '.join(missing)}; convert it again")
    manifest = path / _MANIFEST
    try:
        if not manifest.is_file():
            return Model(path=path, name=path.name)
        return Model(**json.loads(manifest.read_text("utf-8")) | {"path": path})
    except (ValueError, TypeError) as error:
        raise BrokenModel(f"{manifest} cannot be read; install the model again") from error
