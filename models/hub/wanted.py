"""What is wanted: a catalog's entry, any model of the hub, or a checkpoint in a folder here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.catalog import Entry
from models.hub.errors import HubError

_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9._-]+")
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
            revision=revision or entry.revision,
            entry=entry,
        )
    directory = Path(text)
    if directory.is_dir() and ("/" in text or text.startswith(".")):
        return Wanted(name=checked_name(name or directory.resolve().name), directory=directory)
    if _HUB_ID.fullmatch(text):
        return Wanted(name=checked_name(name or text.split("/")[1]), hub_id=text, revision=revision or "main")
    raise HubError(
        f"{text} is no known model, hub id or folder; `khulasa models list` names the known ones, "
        "any other is given as ORGANISATION/MODEL or ./FOLDER"
    )


def checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise HubError(f"{name} cannot be a model's name: letters, digits, dots, - and _ only; give --name")
    return name
