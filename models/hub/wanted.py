"""What is wanted: a catalog's entry, any model of the hub, or a checkpoint in a folder here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.catalog import Entry
from models.hub.errors import HubError
from models.installed import BUNDLED_TRANSLATION, open_model

_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+")
_LONGEST_HUB_ID = 96
EXTRACTIVE = "khulasa-extractive-1"  # the summariser that is built in
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Wanted:
    """Either `hub_id` or `directory` is set."""

    name: str
    hub_id: str | None = None
    revision: str = "main"
    directory: Path | None = None
    entry: Entry | None = None

    @property
    def origin(self) -> str:
        return self.hub_id or str(self.directory)


def find(
    text: str, catalog: Mapping[str, Entry], *, name: str | None = None, revision: str | None = None
) -> Wanted:
    """What `text` names; `name` is what it shall be called here. Raises HubError."""
    entry = catalog.get(text) or next((entry for entry in catalog.values() if entry.hub_id == text), None)
    if entry:
        return Wanted(
            name=checked_name(name or entry.name),
            hub_id=entry.hub_id,
            directory=entry.directory,
            revision=revision or entry.revision,
            entry=entry,
        )
    directory = Path(text)
    if text.startswith(("./", "../", "/")) and directory.is_dir():
        return Wanted(name=checked_name(name or directory.resolve().name), directory=directory)
    if _is_hub_id(text):
        return Wanted(name=checked_name(name or text.split("/")[1]), hub_id=text, revision=revision or "main")
    raise HubError(
        f"{text} is no known model, hub id or folder; `khulasa models list` names the known ones, "
        "any other is given as ORGANISATION/MODEL or ./FOLDER"
    )


def _is_hub_id(text: str) -> bool:
    """As huggingface_hub has it, but that the organisation must be there."""
    parts = text.split("/")
    return (
        _HUB_ID.fullmatch(text) is not None
        and len(text) <= _LONGEST_HUB_ID
        and not any(part[0] in "-." or part[-1] in "-." for part in parts)
        and "--" not in text
        and ".." not in text
        and not text.endswith(".git")
    )


def is_reserved(name: str) -> bool:
    """Whether it is the name of a model that Khulasa comes with."""
    return name in {EXTRACTIVE, open_model(BUNDLED_TRANSLATION).name}


def checked_name(name: str) -> str:
    """Raises HubError for what a pulled model cannot be called."""
    if is_reserved(name):
        raise HubError(f"{name} is the name of a model that comes with Khulasa; give another --name")
    if not _NAME.fullmatch(name):
        raise HubError(f"{name} cannot be a model's name: letters, digits, dots, - and _ only; give --name")
    return name
