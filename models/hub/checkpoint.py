"""A checkpoint: a model as the hub has it; what its files say, and whether they are all there."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from models.catalog import Family
from models.hub.errors import HubError

CONFIG = "config.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
TOKENIZER_FILES = (
    "source.spm",
    "target.spm",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "spiece.model",
    "tokenizer.json",
    TOKENIZER_CONFIG,
    "special_tokens_map.json",
)
SMALL_FILES = (
    CONFIG,
    *TOKENIZER_FILES,
    "generation_config.json",
    "added_tokens.json",
    "vocab.json",
    "target_vocab.json",
)

# In the order of preference: a safetensors file runs no code when it is read.
_WHOLE_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_INDEX_SUFFIX = ".index.json"
_POINTER = b"version https://git-lfs.github.com/spec/"

_MODEL_TYPES = {
    Family.MARIAN: {"marian": "MarianMTModel"},
    Family.NLLB: {"m2m_100": "M2M100ForConditionalGeneration"},
    Family.M2M100: {"m2m_100": "M2M100ForConditionalGeneration"},
    Family.T5: {"t5": "T5ForConditionalGeneration", "mt5": "MT5ForConditionalGeneration"},
    Family.MBART: {"mbart": "MBartForConditionalGeneration"},
}
# Each family needs one of these sets, whole.
_TOKENIZERS: Mapping[Family, tuple[tuple[str, ...], ...]] = {
    Family.MARIAN: (("source.spm", "target.spm", "vocab.json"),),
    Family.NLLB: (("sentencepiece.bpe.model",), ("tokenizer.json",)),
    Family.M2M100: (("sentencepiece.bpe.model", "vocab.json"),),
    Family.T5: (("spiece.model",), ("tokenizer.json",)),
    Family.MBART: (("sentencepiece.bpe.model",), ("tokenizer.json",)),
}


def read_json(path: Path) -> dict[str, Any]:
    """Raises HubError for a file that is not a JSON object; a missing one is empty."""
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise HubError(f"{path.name} is damaged: it is not JSON; pull again, or tell its author") from error
    if not isinstance(content, dict):
        raise HubError(f"{path.name} is damaged: it holds no settings; pull again, or tell its author")
    return content


def family_of(directory: Path, origin: str) -> Family:
    """Raises HubError for a model of no known family."""
    kind = str(read_json(directory / CONFIG).get("model_type") or "unknown")
    if kind == "m2m_100":
        tokenizer = str(read_json(directory / TOKENIZER_CONFIG).get("tokenizer_class", ""))
        is_m2m = tokenizer.startswith("M2M100") or (not tokenizer and (directory / "vocab.json").is_file())
        return Family.M2M100 if is_m2m else Family.NLLB
    for family, kinds in _MODEL_TYPES.items():
        if kind in kinds:
            return family
    raise HubError(
        f"{origin} is a model of type {kind}, which Khulasa does not run; it runs {', '.join(Family)}"
    )


def check_architecture(directory: Path, family: Family, origin: str) -> None:
    """Raises HubError where `config.json` is missing, or describes something else than `family`."""
    if not (directory / CONFIG).is_file():
        raise HubError(f"{origin} has no {CONFIG}, so it is not a model that transformers wrote")
    config = read_json(directory / CONFIG)
    kind, architectures = config.get("model_type"), config.get("architectures") or []
    architectures = architectures if isinstance(architectures, list) else [str(architectures)]
    expected = _MODEL_TYPES[family].get(str(kind))
    if expected is None or (architectures and expected not in architectures):
        found = ", ".join(map(str, architectures)) or kind or "of no stated type"
        wanted = " or ".join(_MODEL_TYPES[family].values())
        raise HubError(f"{origin} is {found}, where the {family} family needs {wanted}")


def check_tokenizer(directory: Path, family: Family, origin: str) -> None:
    """Raises HubError that names what is missing."""
    missing = [[name for name in names if not (directory / name).is_file()] for names in _TOKENIZERS[family]]
    if all(missing):
        wanted = " or ".join(" and ".join(names) for names in missing)
        raise HubError(f"{origin} lacks its tokenizer: there is no {wanted}")


def weight_files(names: Iterable[str], origin: str) -> list[str]:
    """Which of a checkpoint's files to fetch: one file or an index; shards come with `shards_of`."""
    present = set(names)
    for whole in _WHOLE_WEIGHTS:
        for name in (whole, whole + _INDEX_SUFFIX):
            if name in present:
                return [name]
    raise HubError(f"{origin} has no weights that torch reads: no {' and no '.join(_WHOLE_WEIGHTS)}")


def shards_of(index: Path) -> list[str]:
    """The files that an index names; raises HubError."""
    if not index.name.endswith(_INDEX_SUFFIX):
        return []
    weight_map = read_json(index).get("weight_map")
    shards = sorted(set(map(str, weight_map.values()))) if isinstance(weight_map, dict) else []
    if not shards or any(Path(name).name != name for name in shards):
        raise HubError(f"{index.name} is damaged: it names no weights; pull again, or tell its author")
    return shards


def check_content(path: Path) -> None:
    """Raises HubError for what git keeps in place of a large file."""
    with path.open("rb") as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise HubError(
                f"{path.name} is a git-lfs pointer, not the file itself; run `git lfs pull` beside it"
            )


def check_safetensors(path: Path) -> None:
    """Raises HubError for a file that ends before its header says, or whose header is none."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > size:
                raise ValueError
            header = json.loads(file.read(length))
        end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise HubError(f"{path.name} is damaged: it has no readable header; pull again") from error
    if 8 + length + end != size:
        raise HubError(f"{path.name} is damaged: {size} bytes where its header says {8 + length + end}")
