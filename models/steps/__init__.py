"""The steps: each other file in this folder is one thing that can be done to an article."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from models.article import Article
from models.step import Step

Steps = dict[str, Step[Any, Any]]


def load_steps(further: Path | None = None) -> Steps:
    """Every step by name, those that others need first; `further` is a folder of step files like this one.

    Raises ValueError for two steps of one name, or one that needs a step that does not exist.
    """
    steps: Steps = {}
    for module in [*_own_modules(), *_modules_in(further)]:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Step) and value.__module__ == module.__name__:
                if value.name in steps:
                    raise ValueError(f"two steps are named {value.name}")
                steps[value.name] = value()
    return _needs_first(steps)


def rebasing(steps: Steps) -> Callable[[str, dict[str, Any], str], dict[str, Any]]:
    """Gives a step's result for one article as that of another article of the same normal form."""

    def rebase(step: str, result: dict[str, Any], text: str) -> dict[str, Any]:
        return steps[step].rebase(result, Article(text)) if step in steps else result

    return rebase


def result_fields(steps: Steps) -> dict[str, list[str]]:
    """What the result of each step holds, in order."""
    return {name: list(step.result.model_fields) for name, step in steps.items()}


def _own_modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{module.name}")


def _modules_in(folder: Path | None) -> Iterator[ModuleType]:
    for file in sorted(folder.glob("[!_]*.py")) if folder else []:
        spec = importlib.util.spec_from_file_location(f"khulasa_step_{file.stem}", file)
        if spec and spec.loader:
            module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield module


def _needs_first(steps: Steps) -> Steps:
    ordered: Steps = {}
    while len(ordered) < len(steps):
        free = [name for name in steps if name not in ordered and set(steps[name].after) <= set(ordered)]
        if not free:
            stuck = sorted(set(steps) - set(ordered))
            raise ValueError(f"these steps need a step that does not exist, or each other: {stuck}")
        ordered |= {name: steps[name] for name in free}
    return ordered
