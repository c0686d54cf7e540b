"""The list of models: what is installed, which of it is the default and why, and what can be pulled."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from jobs.errors import BrokenModel, KhulasaError, NoModel
from models.catalog import NOT_STATED, Entry
from models.engines.selection import Selection
from models.hub.wanted import EXTRACTIVE
from models.installed import BUNDLED_TRANSLATION, Model, installed, open_model


class Row(NamedTuple):
    name: str
    step: str
    state: str
    size: str
    licence: str


class Settings(NamedTuple):
    models_dir: Path
    translation_model: str | None
    summary_model: str | None


def rows(settings: Settings, catalog: Mapping[str, Entry]) -> Iterator[Row]:
    """First what is installed, then what is not; within a step the default comes first."""
    seen: set[str] = set()
    for step in ("translation", "summary"):
        for model, state in _available(settings, step):
            seen.add(model.name)
            yield Row(model.name, step, state, _size(model.info().size_bytes), _licence(model))
    yield Row(EXTRACTIVE, "summary", _extractive_state(settings), "", "Apache-2.0")
    for name in _broken(settings.models_dir):
        seen.add(name)
        yield Row(name, "", "broken; pull it again", "", "")
    for entry in catalog.values():
        if entry.name not in seen:
            size = f"{entry.disk_mb:,} MB" if entry.disk_mb else ""
            yield Row(entry.name, entry.step, "can be pulled", size, _licence(entry))


def table(lines: Iterable[Row]) -> str:
    all_lines = [Row("NAME", "STEP", "STATE", "SIZE", "LICENCE"), *lines]
    widths = [max(len(line[column]) for line in all_lines) for column in range(len(Row._fields))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in all_lines
    )


def _available(settings: Settings, step: str) -> Iterator[tuple[Model, str]]:
    selection, setting = _selection(settings, step)
    try:
        default = selection.choose()
    except KhulasaError:
        default = None  # the setting names a model that is not there
    for model in selection.available():
        if default and model.path == default.path:
            yield model, f"default: {_why(model, setting, step)}"
        else:
            yield model, "bundled" if model.path == _bundled() else "installed"


def _why(model: Model, setting: str | None, step: str) -> str:
    if setting:
        return f"KHULASA_{step.upper()}_MODEL names it"
    if model.path == _bundled():
        return "bundled, and no other is installed"
    return (
        "of the best quality among those installed"
        if model.quality
        else "the first by name of those installed"
    )


def _selection(settings: Settings, step: str) -> tuple[Selection, str | None]:
    if step == "translation":
        setting = settings.translation_model
        return Selection("translation", settings.models_dir, setting), setting
    setting = settings.summary_model
    return Selection("summary", settings.models_dir, setting), setting


def _extractive_state(settings: Settings) -> str:
    return (
        "built in" if any(_available(settings, "summary")) else "default: built in, and no other is installed"
    )


def _broken(folder: Path) -> list[str]:
    whole = {model.path for model in installed(folder)}
    names = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith(".") or path.resolve() in whole:
            continue
        try:
            open_model(path)
        except (NoModel, BrokenModel):
            names.append(path.name)
    return names


def _bundled() -> Path:
    return BUNDLED_TRANSLATION.resolve()


def _licence(facts: Model | Entry) -> str:
    if facts.licence == NOT_STATED and not facts.non_commercial:
        return "licence not stated"
    return f"{facts.licence} (not for commercial use)" if facts.non_commercial else facts.licence


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB"
