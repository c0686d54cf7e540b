"""The pull: from a name to a model in its place, or one sentence that says why not and nothing changed."""

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jobs.errors import KhulasaError
from models.catalog import NOT_STATED, Facts, Family
from models.engines.contract import EngineOptions
from models.hub import cache, download, manifest
from models.hub.checkpoint import (
    CONFIG,
    SMALL_FILES,
    check_architecture,
    check_content,
    check_safetensors,
    check_tokenizer,
    family_of,
    shards_of,
    weight_files,
)
from models.hub.convert import convert
from models.hub.errors import HubError, of_disk
from models.hub.smoke import smoke
from models.hub.store import Store
from models.hub.wanted import Wanted
from models.installed import CHECKPOINT, Model, open_model

Say = Callable[[str], None]
_ROOM_FOR_INT8 = 0.6  # of the checkpoint, which may itself be in 16 bits


@dataclass(frozen=True)
class How:
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2"
    device: Literal["cpu", "cuda"] = "cpu"
    step: Literal["translation", "summary"] | None = None  # None: as the family is commonly used
    quantization: str | None = None
    smoke: bool = True
    replace: bool = False  # a model of the same name that is from elsewhere

    def quantization_for(self, family: Family) -> str:
        if self.quantization or self.device == "cpu":
            return self.quantization or "int8"
        return "bfloat16" if family is Family.T5 else "float16"  # T5's activations overflow float16


def pull(wanted: Wanted, store: Store, how: How, say: Say) -> Model:
    """Raises HubError, KhulasaError."""
    _check_torch(how)
    try:
        with store.locked(lambda: say("another pull is at work here; waiting for its end")):
            store.clear()
            store.check_free(wanted.name)
            _check_same(wanted, store.models_dir, how)
            checkpoint = _Checkpoint.of(wanted, how, store.models_dir, say)
            return _install(checkpoint, store, how, say)
    except OSError as error:
        raise of_disk(error, store.models_dir) from error


@dataclass(frozen=True)
class _Checkpoint:
    wanted: Wanted
    folder: Path
    files: Sequence[str]
    family: Family
    facts: Facts
    commit: str | None

    @classmethod
    def of(cls, wanted: Wanted, how: How, models_dir: Path, say: Say) -> "_Checkpoint":
        """The checkpoint with all of its files here and checked as far as can be without loading them."""
        listing = download.look_up(wanted.hub_id, wanted.revision) if wanted.hub_id else None
        names = list(listing.sizes) if listing else [path.name for path in _folder_of(wanted).iterdir()]
        small = [name for name in SMALL_FILES if name in names]
        folder = download.fetch(listing, small) if listing and small else wanted.directory or Path()
        family = _family(wanted, folder, CONFIG in names)
        check_tokenizer(folder, family, wanted.origin)
        for name in small:
            check_content(folder / name)
        facts = manifest.facts_of(
            wanted, folder, family, step=how.step, licence=listing.licence if listing else None
        )
        say(_licence_line(facts))
        weights = weight_files(names, wanted.origin)
        if listing:
            weights = _fetch_weights(listing, weights, models_dir, how, say)
        else:
            weights += shards_of(folder / weights[0])
        for name in weights:
            if not (folder / name).is_file():
                raise HubError(f"{wanted.origin} lacks {name}, which its index names")
            check_content(folder / name)
            if name.endswith(".safetensors"):
                check_safetensors(folder / name)
        return cls(wanted, folder, (*small, *weights), family, facts, listing.commit if listing else None)


def _install(checkpoint: _Checkpoint, store: Store, how: How, say: Say) -> Model:
    facts, wanted = checkpoint.facts, checkpoint.wanted
    with store.workplace(wanted.name) as place:
        if how.engine == "transformers":
            _copy(checkpoint, place / CHECKPOINT)
            quantization = "as published"
        else:
            quantization = how.quantization_for(checkpoint.family)
            say(f"converting to {quantization}")
            convert(checkpoint.folder, place, checkpoint.family, quantization)
        if not quantization.startswith("int8"):
            facts = facts.model_copy(update={"memory_mb": None})  # what is known is known for int8
        told = manifest.write(
            place,
            facts,
            quantization=quantization,
            hub_id=wanted.hub_id,
            revision=checkpoint.commit,
            smoke_tested=how.smoke,
        )
        if how.smoke:
            say("trying it out")
            _try_out(place, how, wanted.origin)
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]
        return open_model(store.put(place, wanted.name, digest))


def _check_same(wanted: Wanted, models_dir: Path, how: How) -> None:
    try:
        there = open_model(models_dir / wanted.name)
    except KhulasaError:
        return  # none, or a broken one
    if there.hub_id != wanted.hub_id and not how.replace:
        origin = there.hub_id or "a folder"
        raise HubError(
            f"{wanted.name} is installed from {origin}, and {wanted.origin} is another model; "
            "give another --name, or --replace"
        )


def _try_out(place: Path, how: How, origin: str) -> None:
    try:
        smoke(open_model(place), EngineOptions(engine=how.engine, device=how.device))
    except KhulasaError as error:  # its sentence names a folder that is about to go
        raise HubError(f"{origin} is there, but it cannot be loaded: {error}") from error


def _folder_of(wanted: Wanted) -> Path:
    if wanted.directory is None:
        raise HubError(f"{wanted.origin} is neither on the hub nor a folder")
    return wanted.directory


def _family(wanted: Wanted, folder: Path, has_config: bool) -> Family:
    if not has_config:
        raise HubError(f"{wanted.origin} has no {CONFIG}, so it is not a model that transformers wrote")
    family = wanted.entry.family if wanted.entry else family_of(folder, wanted.origin)
    check_architecture(folder, family, wanted.origin)
    return family


def _fetch_weights(
    listing: download.Listing, weights: list[str], models_dir: Path, how: How, say: Say
) -> list[str]:
    if weights[0].endswith(".json"):
        weights += shards_of(download.fetch(listing, weights) / weights[0])
    if absent := [name for name in weights if name not in listing.sizes]:
        raise HubError(f"{listing.hub_id} lacks {absent[0]}, which its index names")
    total = sum(listing.sizes.get(name, 0) for name in weights)
    missing = download.missing_bytes(listing, weights)
    share = _ROOM_FOR_INT8 if how.engine == "ctranslate2" and how.device == "cpu" else 1.0
    download.check_room({cache.folder(): missing, models_dir: round(share * total)})
    say(f"fetching {missing / 1_000_000:,.0f} MB of {listing.hub_id} at {listing.commit[:12]}")
    download.fetch(listing, weights)
    return weights


def _copy(checkpoint: _Checkpoint, directory: Path) -> None:
    directory.mkdir()
    for name in checkpoint.files:
        shutil.copyfile(checkpoint.folder / name, directory / name)


def _licence_line(facts: Facts) -> str:
    unknown = ": ask its author before you sell what it writes" if facts.licence == NOT_STATED else ""
    limit = ": not for commercial use" if facts.non_commercial else unknown
    return f"{facts.name}: licence {facts.licence}{limit}"


def _check_torch(how: How) -> None:
    needs_torch = how.engine == "ctranslate2" or how.smoke
    if needs_torch and importlib.util.find_spec("torch") is None:
        raise HubError(
            "pulling a model needs torch, which is not here: pip install -r requirements-convert.txt"
        )
