"""Where a run stands, kept on disk: what it takes to go on, the last checkpoints, and the best."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from models.training import checkpoint, network
from models.training.optimiser import Adam
from models.training.recipe import Recipe

BEST = "best"


@dataclass(slots=True)
class Counts:
    """How far a run is. `batch` of `epoch` of `stage` comes next, where an epoch is `divided` among replicas
    in the same way; `worse` snapshots in a row have not scored above `best`. `seen`: target tokens of each
    origin, and those that the weights had seen before the run."""

    seen: dict[str, int]
    step: int = 0
    tokens: int = 0
    pairs: int = 0
    seconds: float = 0.0
    stage: int = 0
    epoch: int = 0
    batch: int = 0
    divided: str = ""
    best: float = -1.0
    worse: int = 0


class Snapshots:
    """Those of `model` in `run`, which began with the checkpoint `start_from`, if with any."""

    def __init__(
        self,
        run: Path,
        recipe: Recipe,
        model: Any,
        optimiser: Adam,
        *,
        device: torch.device,
        start_from: Path | None,
    ) -> None:
        self._run = run
        self._snapshots = run / checkpoint.SNAPSHOTS
        self._kept = recipe.kept_snapshots
        self._start_from = start_from
        self._made_with = checkpoint.origin_of_weights(run, recipe, start_from)
        self._model = model
        self._optimiser = optimiser
        self._device = device

    def take(self, counts: Counts, chrf: float) -> None:
        """Keep the model, which scored `chrf`, and all that it takes to go on."""
        better = chrf > counts.best
        counts.worse = 0 if better else counts.worse + 1
        self._save_to(self._snapshots / f"step-{counts.step:07d}", counts)
        for old in self._outdated(counts.step):
            checkpoint.remove(old)
        if better:
            counts.best = chrf
            self._save_to(self._run / BEST, counts)
        state = {
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state(),
            "made_with": self._made_with,
            "random": torch.get_rng_state(),
            "device_random": torch.cuda.get_rng_state_all() if self._device.type == "cuda" else [],
            "counts": asdict(counts),
        }
        with checkpoint.whole(self._run / checkpoint.RESUME) as fresh:
            torch.save(state, fresh)

    def resume(self) -> Counts:
        """Put back what the last snapshot kept; in a new run there is only what its checkpoint has seen."""
        path = self._run / checkpoint.RESUME
        if not path.exists():
            return Counts(seen=checkpoint.seen(self._start_from) if self._start_from else {})
        state = torch.load(path, map_location=self._device, weights_only=True)
        checkpoint.require_same(path, state.get("made_with", {}), self._made_with)
        self._made_with = state["made_with"]
        self._model.load_state_dict(state["model"])
        self._optimiser.restore(state["optimiser"])
        torch.set_rng_state(state["random"].cpu())
        if self._device.type == "cuda" and state["device_random"]:
            torch.cuda.set_rng_state_all([kept.cpu() for kept in state["device_random"]])
        counts = Counts(**state["counts"])
        if not (self._run / BEST).exists():  # killed while it was being replaced
            counts.best = -1.0
        return counts

    def _outdated(self, step: int) -> list[Path]:
        """Snapshots before the last ones, or, in a new run, those of one that was given up."""
        old = sorted(self._snapshots.glob("step-*"))
        if (self._run / checkpoint.RESUME).exists():
            del old[-self._kept :]
        else:
            old.remove(self._snapshots / f"step-{step:07d}")
        return [*old, *self._snapshots.glob(".*")]  # and what was cut short

    def _save_to(self, directory: Path, counts: Counts) -> None:
        network.save(self._model, self._run, directory, counts.seen)
