"""The training loop: batches in, checkpoints out, resumable at any of them."""

import json
import math
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from models.training import network
from models.training.batches import Batch, Examples, epoch
from models.training.loss import loss_of
from models.training.optimiser import Adam, rate_at
from models.training.recipe import Recipe, Stage
from models.training.validation import Validation

_LOG_EVERY = 50


class Trainer:
    """Trains `model` in `run`; picks up where the last snapshot in `run` ended."""

    def __init__(
        self,
        *,
        recipe: Recipe,
        model: Any,
        examples: Examples,
        validation: Validation,
        run: Path,
        device: torch.device,
    ) -> None:
        self._recipe = recipe
        self._model = model.to(device)
        self._examples = examples
        self._validation = validation
        self._run = run
        self._device = device
        self._optimiser = Adam(model, recipe.optimiser)
        self._step = 0
        self._tokens = 0
        self._pairs = 0
        self._seconds = 0.0
        self._stage = 0
        self._epoch = 0
        self._batch = 0
        self._best = -1.0
        self._worse = 0

    def train(self) -> None:
        self._resume()
        self._model.train()
        bar = tqdm(total=1000, initial=self._permille(), desc="train", unit="‰", mininterval=10)
        started, before = time.monotonic(), self._seconds
        saved_at = before
        losses: list[float] = []
        for batch in self._batches():
            losses.append(self._update(batch))
            self._seconds = before + time.monotonic() - started
            bar.update(self._permille() - bar.n)
            if self._step % _LOG_EVERY == 0:
                mean = sum(losses) / len(losses)
                bar.set_postfix(step=self._step, loss=f"{mean:.3f}", refresh=False)
                self._log(loss=round(mean, 4))
                losses.clear()
                if not math.isfinite(mean):
                    raise FloatingPointError(f"the loss is {mean} at step {self._step}")
            due = self._seconds - saved_at >= 60 * self._recipe.snapshot_minutes
            if due or self._progress() >= 1.0:
                self._snapshot()
                saved_at = self._seconds
                if self._worse > self._recipe.patience:
                    break
        bar.close()

    def _progress(self) -> float:
        by_time = self._seconds / (60 * self._recipe.max_minutes)
        return min(1.0, max(by_time, self._step / self._recipe.max_steps))

    def _permille(self) -> int:
        return int(1000 * self._progress())

    def _batches(self) -> Iterator[Batch]:
        settings = self._recipe.optimiser
        while self._progress() < 1.0:
            stage = self._recipe.stages[self._stage]
            seed = (self._recipe.seed, self._stage, self._epoch)
            pad = self._model.config.pad_token_id
            skip, batches = self._batch, 0
            for batch in epoch(self._examples, stage, settings.batch_tokens, pad, seed):
                batches += 1
                if batches <= skip:
                    continue
                if self._progress() >= stage.until:
                    self._next_stage(stage)
                    break
                self._batch = batches
                yield batch
            else:
                if not batches:
                    raise ValueError("no pair passes the stage's weights and length")
                self._epoch, self._batch = self._epoch + 1, 0

    def _next_stage(self, stage: Stage) -> None:
        if stage.until < 1.0:
            self._stage, self._epoch, self._batch = self._stage + 1, 0, 0

    def _update(self, batch: Batch) -> float:
        alignment, settings = self._recipe.alignment, self._recipe.optimiser
        progress = self._progress()
        guidance = alignment.weight + (alignment.final_weight - alignment.weight) * progress
        mixed = self._recipe.bf16 and self._device.type == "cuda"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=mixed):
            loss, plain = loss_of(self._model, batch, self._device, settings.label_smoothing, guidance)
        loss.backward()
        self._step += 1
        self._tokens += int((batch.target != self._model.config.pad_token_id).sum())
        self._pairs += len(batch.target)
        self._optimiser.step(rate_at(settings, self._step, progress))
        return plain

    def _log(self, **more: float) -> None:
        seconds = round(self._seconds, 1)
        counts = {"step": self._step, "pairs": self._pairs, "target_tokens": self._tokens}
        entry = {**counts, "seconds": seconds, "stage": self._stage, **more}
        with (self._run / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def _snapshot(self) -> None:
        chrf = self._validation.chrf(self._model, self._device)
        self._model.train()
        self._worse = 0 if chrf > self._best else self._worse + 1
        self._log(dev_chrf=round(chrf, 2))
        snapshots = self._run / "snapshots"
        self._save_to(snapshots / f"step-{self._step:07d}")
        for old in sorted(snapshots.glob("step-*"))[: -self._recipe.kept_snapshots]:
            shutil.rmtree(old)
        if chrf > self._best:
            self._best = chrf
            self._save_to(self._run / "best")
        state = {
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state(),
            "random": torch.get_rng_state(),
            "counts": {name: getattr(self, f"_{name}") for name in _COUNTS},
        }
        torch.save(state, self._run / "resume.pt.new")
        (self._run / "resume.pt.new").rename(self._run / "resume.pt")

    def _save_to(self, directory: Path) -> None:
        network.save(self._model, self._run, directory)

    def _resume(self) -> None:
        path = self._run / "resume.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self._device, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._optimiser.restore(state["optimiser"])
        torch.set_rng_state(state["random"].cpu())
        for name, value in state["counts"].items():
            setattr(self, f"_{name}", value)


_COUNTS = (
    "step",
    "tokens",
    "pairs",
    "seconds",
    "stage",
    "epoch",
    "batch",
    "best",
    "worse",
)
