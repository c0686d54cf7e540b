"""The training loop: batches in, checkpoints out, resumable at any of them."""

import json
import math
import time
from collections.abc import Generator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from models.training import checkpoint, network
from models.training.batches import Batch, epoch
from models.training.examples import Examples
from models.training.feed import Feed
from models.training.loss import loss_of
from models.training.optimiser import Adam, rate_at
from models.training.recipe import Recipe
from models.training.validation import Validation

RESUME = "resume.pt"
BEST = "best"
_LOG_EVERY = 50


class Trainer:
    """Trains `model` in `run`; picks up where the last snapshot in `run` ended.

    `pause_at`, on the monotonic clock: when to take a snapshot and leave the rest for another time.
    """

    def __init__(
        self,
        *,
        recipe: Recipe,
        model: Any,
        examples: Examples,
        feed: Feed,
        validation: Validation,
        run: Path,
        device: torch.device,
        pause_at: float = math.inf,
    ) -> None:
        self._recipe = recipe
        self._model = model.to(device)
        self._examples = examples
        self._feed = feed
        self._validation = validation
        self._run = run
        self._device = device
        self._pause_at = pause_at
        self._mixed = recipe.bf16 and device.type == "cuda"
        self._made_with = checkpoint.origin_of_weights(run, recipe)
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
        losses: list[torch.Tensor] = []
        with bar, closing(self._batches()) as batches:
            for batch in batches:
                losses.append(self._update(batch))
                self._seconds = before + time.monotonic() - started
                bar.update(self._permille() - bar.n)
                if self._step % _LOG_EVERY == 0:
                    mean = float(torch.stack(losses).mean())
                    bar.set_postfix(step=self._step, loss=f"{mean:.3f}", refresh=False)
                    self._log(loss=round(mean, 4))
                    losses.clear()
                    if not math.isfinite(mean):
                        raise FloatingPointError(f"the loss is {mean} at step {self._step}")
                due = self._seconds - saved_at >= 60 * self._recipe.snapshot_minutes
                pausing = time.monotonic() >= self._pause_at
                if due or pausing or self._finished():
                    self._snapshot()
                    saved_at = self._seconds
                if pausing:
                    break

    def _finished(self) -> bool:
        return self._progress() >= 1.0 or self._worse >= self._recipe.patience

    def _progress(self) -> float:
        by_time = self._seconds / (60 * self._recipe.max_minutes)
        return min(1.0, max(by_time, self._step / self._recipe.max_steps))

    def _permille(self) -> int:
        return int(1000 * self._progress())

    def _batches(self) -> Generator[Batch]:
        settings, recipe = self._recipe.optimiser, self._recipe
        while not self._finished():
            stage = recipe.stages[self._stage]
            guided = recipe.alignment.guides(stage)
            # Only the slowest way of attending tells where it looked.
            self._model.set_attn_implementation("eager" if guided else "sdpa")
            seed = (recipe.seed, self._stage, self._epoch)
            wanted = {"alpha": 0.0 if guided else recipe.sampling_alpha, "linked": guided}
            orders = epoch(self._examples, stage, settings.batch_tokens, seed, **wanted)
            first = self._batch
            with closing(self._feed.batches(islice(orders, first, None))) as batches:
                for batch in batches:
                    if self._finished():
                        return
                    if self._progress() >= stage.until:
                        self._stage, self._epoch, self._batch = self._stage + 1, 0, 0
                        break
                    self._batch += 1
                    yield batch
                else:
                    if self._batch == 0:
                        raise ValueError("no pair passes the stage's weights and length")
                    self._epoch, self._batch = self._epoch + 1, 0

    def _update(self, batch: Batch) -> torch.Tensor:
        settings = self._recipe.optimiser
        progress = self._progress()
        guidance = self._recipe.alignment.weight_at(progress) if batch.links.size else 0.0
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed):
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
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed):
            chrf = self._validation.chrf(self._model, self._device)
        self._model.train()
        self._worse = 0 if chrf > self._best else self._worse + 1
        self._log(dev_chrf=round(chrf, 2))
        snapshots = self._run / "snapshots"
        self._save_to(snapshots / f"step-{self._step:07d}")
        cut_short = snapshots.glob(".*")
        for old in [*sorted(snapshots.glob("step-*"))[: -self._recipe.kept_snapshots], *cut_short]:
            checkpoint.remove(old)
        if chrf > self._best:
            self._best = chrf
            self._save_to(self._run / BEST)
        state = {
            "model": self._model.state_dict(),
            "optimiser": self._optimiser.state(),
            "made_with": self._made_with,
            "random": torch.get_rng_state(),
            "device_random": torch.cuda.get_rng_state_all() if self._device.type == "cuda" else [],
            "counts": {name: getattr(self, f"_{name}") for name in _COUNTS},
        }
        with checkpoint.whole(self._run / RESUME) as fresh:
            torch.save(state, fresh)

    def _save_to(self, directory: Path) -> None:
        network.save(self._model, self._run, directory)

    def _resume(self) -> None:
        path = self._run / RESUME
        if not path.exists():
            return
        state = torch.load(path, map_location=self._device, weights_only=True)
        checkpoint.require_same(path, state.get("made_with", {}), self._made_with)
        self._model.load_state_dict(state["model"])
        self._optimiser.restore(state["optimiser"])
        torch.set_rng_state(state["random"].cpu())
        if self._device.type == "cuda" and state["device_random"]:
            torch.cuda.set_rng_state_all([kept.cpu() for kept in state["device_random"]])
        for name, value in state["counts"].items():
            setattr(self, f"_{name}", value)
        if not (self._run / BEST).exists():  # killed while it was being replaced
            self._best = -1.0


_COUNTS = ("step", "tokens", "pairs", "seconds", "stage", "epoch", "batch", "best", "worse")
