"""What the service would answer: lines through its own engine, with its splitting and decoding."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from models.engines import Engines
from models.engines.contract import EngineOptions


def translate(model: Path, lines: Sequence[str], options: EngineOptions | None = None) -> list[str]:
    """English in the order of `lines`; `model` is a directory of CTranslate2 weights."""
    chosen = dataclasses.replace(options or EngineOptions(threads=2), translation_model=str(model.absolute()))
    translations = Engines(chosen).translator().translate(lines, lambda _done, _total: None)
    return [translation.text for translation in translations]
