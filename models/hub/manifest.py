"""The manifest of a pulled model: what it is, where it is from, and the SHA-256 of each of its files."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.catalog import NOT_STATED, Facts, Family
from models.hub.checkpoint import CONFIG, read_json
from models.hub.errors import HubError
from models.hub.wanted import Wanted
from models.installed import MANIFEST

# How sources and targets are marked where no catalog says it.
_FRAMES: dict[Family, dict[str, str]] = {
    Family.NLLB: {"source_token": "arb_Arab", "target_token": "eng_Latn"},
    Family.M2M100: {"source_token": "__ar__", "target_token": "__en__"},
    Family.T5: {"source_prefix": "<2en> "},
}
_FRAME_OF_TRANSLATING_MBART = {"source_token": "ar_AR", "target_token": "en_XX"}
_SOURCE_TOKENS = {"translation": 256, "summary": 1024}
_T5_SOURCE_TOKENS = 512
_COMMON_POSITIONS = 256
# How long the engine lets a translation become before it takes it for a loop.
_TARGET_TOKENS_PER_SOURCE, _TARGET_EXTRA = 3, 32


def facts_of(
    wanted: Wanted, checkpoint: Path, family: Family, *, step: str | None, licence: str | None
) -> Facts:
    """From the catalog's entry if there is one, else what the checkpoint's files tell."""
    if wanted.entry:
        known = wanted.entry.model_dump(include=set(Facts.model_fields)) | {"name": wanted.name}
        facts = Facts.model_validate(known)
        if facts.licence == NOT_STATED and licence:
            limited = facts.non_commercial or _forbids_commerce(licence)
            facts = facts.model_copy(update={"licence": licence, "non_commercial": limited})
    else:
        facts = _guessed(wanted.name, checkpoint, family, step, licence)
    return facts.model_copy(update={"max_source_tokens": _fitting(facts, checkpoint)})


def write(place: Path, facts: Facts, **more: Any) -> dict[str, Any]:
    """Writes the manifest of all files in `place`; returns it."""
    manifest = {
        **facts.model_dump(mode="json"),
        **more,
        "pulled_at": datetime.now(UTC).isoformat(),
        "sha256": dict(hashes(place)),
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (place / MANIFEST).write_text(text + "\n", "utf-8")
    return manifest


def hashes(place: Path) -> Iterator[tuple[str, str]]:
    """Each file but the manifest, by its path inside `place`."""
    for path in sorted(place.rglob("*")):
        if path.is_file() and path != place / MANIFEST:
            yield path.relative_to(place).as_posix(), sha256_of(path)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(place: Path) -> dict[str, Any]:
    """Raises HubError where there is none that can be read."""
    try:
        manifest = json.loads((place / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HubError(f"{place / MANIFEST} cannot be read; pull the model again") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("sha256", {}), dict):
        raise HubError(f"{place / MANIFEST} is damaged: it is no manifest; pull the model again")
    return manifest


def reads_prefix(checkpoint: Path, prefix: str) -> bool:
    """Whether the tokenizer has a token of this name."""
    files = [checkpoint / name for name in ("spiece.model", "tokenizer.json")]
    return any(prefix.encode() in path.read_bytes() for path in files if path.is_file())


def _guessed(name: str, checkpoint: Path, family: Family, step: str | None, licence: str | None) -> Facts:
    step = step or _step_of(family, checkpoint)
    known: dict[str, Any] = {"name": name, "family": family, "step": step, "target_language": "en"}
    if step == "summary":
        known["target_language"] = "ar"
    elif family is Family.MBART:
        known |= _FRAME_OF_TRANSLATING_MBART
    else:
        known |= _FRAMES.get(family, {})
    if licence:
        known |= {"licence": licence, "non_commercial": _forbids_commerce(licence)}
    config = read_json(checkpoint / CONFIG)
    positions = config.get("max_position_embeddings")
    longest = positions if isinstance(positions, int) else _COMMON_POSITIONS
    if family is Family.T5:
        longest = _T5_SOURCE_TOKENS
    known["max_source_tokens"] = max(8, min(longest, _SOURCE_TOKENS[step]))
    return Facts.model_validate(known)


def _forbids_commerce(licence: str) -> bool:
    return "-nc" in licence.lower()


def _step_of(family: Family, checkpoint: Path) -> str:
    if family is Family.T5:
        return "translation" if reads_prefix(checkpoint, "<2en>") else "summary"
    return "summary" if family is Family.MBART else "translation"


def _fitting(facts: Facts, checkpoint: Path) -> int:
    """No more than the weights have positions for, on the side of the target too."""
    positions = read_json(checkpoint / CONFIG).get("max_position_embeddings")
    if facts.family is Family.T5 or not isinstance(positions, int):
        return facts.max_source_tokens
    if facts.step == "translation":
        positions = (positions - _TARGET_EXTRA) // _TARGET_TOKENS_PER_SOURCE
    return max(8, min(facts.max_source_tokens, positions))
