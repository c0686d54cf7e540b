"""The recipe: every choice about a training run, read from one TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Vocabulary:
    size: int
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Network:
    width: int
    feed_forward: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    dropout: float
    activation: Literal["relu", "gelu", "swish"] = "relu"


@dataclass(frozen=True, slots=True)
class Optimiser:
    """`batch_tokens` counts padded tokens of the longer side. `decay`: with the inverse square root
    of the step, or linearly to nearly zero at the end of the run."""

    peak_rate: float
    warmup_steps: int
    decay: Literal["inverse-sqrt", "linear"]
    batch_tokens: int
    label_smoothing: float = 0.1
    weight_decay: float = 0.0
    clip_norm: float = 1.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Word alignment as a teacher; `weight` falls linearly to `final_weight` at the share `until` of the
    run, which is where a stage ends. From there on attention is free, and faster."""

    weight: float = 0.0
    final_weight: float = 0.0
    until: float = 1.0
    lexical_embeddings: bool = False

    @property
    def wanted(self) -> bool:
        return self.weight > 0.0 or self.lexical_embeddings

    def guides(self, stage: "Stage") -> bool:
        return self.weight > 0.0 and stage.until <= self.until

    def weight_at(self, progress: float) -> float:
        return self.weight + (self.final_weight - self.weight) * min(1.0, progress / self.until)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run that ends at the share `until` (0–1) of it.

    `weights`: how often an epoch sees a pair of each origin; an origin not named is left out.
    `joined`: share of pairs glued to the next short one, so that long segments are not new.
    """

    until: float
    weights: Mapping[str, float]
    max_tokens: int
    joined: float = 0.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """`sampling_alpha` is for the stages that no alignment guides: its links know one segmentation.
    `tagged`: origins whose sources are synthetic, and say so to the network by a piece of their own."""

    name: str
    vocabulary: Vocabulary
    network: Network
    optimiser: Optimiser
    stages: tuple[Stage, ...]
    max_steps: int
    max_minutes: float
    snapshot_minutes: float = 5.0
    kept_snapshots: int = 5
    patience: int = 10
    validation_sentences: int = 200
    sampling_alpha: float = 0.0
    tagged: tuple[str, ...] = ()
    bf16: bool = False
    seed: int = 1
    alignment: Alignment = field(default_factory=Alignment)


def read(path: Path) -> Recipe:
    """The recipe in `path`; TypeError names a setting that does not exist, ValueError what clashes."""
    settings: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    parts: dict[str, Any] = {
        "vocabulary": Vocabulary(**settings.pop("vocabulary")),
        "network": Network(**settings.pop("network")),
        "optimiser": Optimiser(**settings.pop("optimiser")),
        "alignment": Alignment(**settings.pop("alignment", {})),
        "stages": tuple(Stage(**stage) for stage in settings.pop("stages")),
    }
    recipe = Recipe(**settings, **parts)
    clash = _clash(recipe)
    if clash:
        raise ValueError(clash)
    return recipe


def _clash(recipe: Recipe) -> str | None:
    alignment, ends = recipe.alignment, [stage.until for stage in recipe.stages]
    if not ends or ends[-1] != 1.0:
        return "the last stage must run until 1.0"
    if recipe.patience < 1:
        return "patience must be at least one snapshot"
    if alignment.weight and alignment.until not in ends:
        return "alignment.until must be where a stage ends"
    if alignment.weight and recipe.sampling_alpha and alignment.until == 1.0:
        return "alignment links know one segmentation: end them with alignment.until, or sampling_alpha"
    return None
