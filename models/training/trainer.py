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

from models.training.batches import Batch, epoch
from models.training.examples import Examples
from models.training.feed import Feed
from models.training.loss import loss_of
from models.training.optimiser import Adam, rate_at
from models.training.recipe import Recipe
from models.training.replicas import Replicas
from models.training.snapshots import Snapshots
from models.training.validation import Validation

_LOG_EVERY = 50


class Trainer:
    """Trains `model` in `run`, with all `replicas`; picks up where the last snapshot in `run` ended.

    `start_from`: the checkpoint whose weights `model` has in a new run. `pause_at`, on the monotonic clock:
    when to take a snapshot and leave the rest for another time.
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
        replicas: Replicas,
        start_from: Path | None,
        pause_at: float = math.inf,
    ) -> None:
        self._recipe = recipe
        self._model = model.to(device)
        self._examples = examples
        self._feed = feed
        self._validation = validation
        self._run = run
        self._device = device
        self._replicas = replicas
        self._mixed = recipe.bf16 and device.type == "cuda"
        self._own_tokens = recipe.optimiser.batch_tokens // replicas.count
        self._optimiser = Adam(model, recipe.optimiser)
        self._snapshots = Snapshots(run, recipe, model, self._optimiser, device=device, start_from=start_from)
        self._counts = self._snapshots.resume()
        self._begin_epoch_if_divided_anew(f"{replicas.count} of {self._own_tokens} tokens")
        self._replicas.agree(self._model.state_dict().values())
        if not replicas.leads:  # what is dropped out differs from replica to replica
            torch.manual_seed(replicas.index + self._counts.step)
        self._started = time.monotonic() - self._counts.seconds
        self._pause_at = torch.tensor(pause_at - self._started)
        self._replicas.agree([self._pause_at])

    def train(self) -> None:
        self._model.train()
        counts, leads = self._counts, self._replicas.leads
        shown = {"desc": "train", "unit": "‰", "mininterval": 10, "disable": not leads}
        bar = tqdm(total=1000, initial=self._permille(), **shown)
        saved_at = counts.seconds
        losses: list[torch.Tensor] = []
        with bar, closing(self._batches()) as batches:
            for batch in batches:
                losses.append(self._update(batch))
                bar.update(self._permille() - bar.n)
                if counts.step % _LOG_EVERY == 0:
                    mean = float(torch.stack(losses).mean())
                    bar.set_postfix(step=counts.step, loss=f"{mean:.3f}", refresh=False)
                    self._log(loss=round(mean, 4))
                    losses.clear()
                    if not math.isfinite(mean):
                        raise FloatingPointError(f"the loss is {mean} at step {counts.step}")
                due = counts.seconds - saved_at >= 60 * self._recipe.snapshot_minutes
                pausing = counts.seconds >= self._pause_at
                if due or pausing or self._finished():
                    self._snapshot()
                    saved_at = counts.seconds
                if pausing:
                    break

    def _begin_epoch_if_divided_anew(self, divided: str) -> None:
        """A batch's number means another one where an epoch has more batches, or fewer."""
        counts = self._counts
        if counts.batch and counts.divided != divided:
            counts.epoch, counts.batch = counts.epoch + 1, 0
        counts.divided = divided

    def _finished(self) -> bool:
        return self._progress() >= 1.0 or self._counts.worse >= self._recipe.patience

    def _progress(self) -> float:
        by_time = self._counts.seconds / (60 * self._recipe.max_minutes)
        return min(1.0, max(by_time, self._counts.step / self._recipe.max_steps))

    def _permille(self) -> int:
        return int(1000 * self._progress())

    def _batches(self) -> Generator[Batch]:
        recipe, counts = self._recipe, self._counts
        while not self._finished():
            stage = recipe.stages[counts.stage]
            guided = recipe.alignment.guides(stage)
            # Only the slowest way of attending tells where it looked.
            self._model.set_attn_implementation("eager" if guided else "sdpa")
            seed = (recipe.seed, counts.stage, counts.epoch)
            wanted = {"alpha": 0.0 if guided else recipe.sampling_alpha, "linked": guided}
            orders = self._replicas.own(epoch(self._examples, stage, self._own_tokens, seed, **wanted))
            with closing(self._feed.batches(islice(orders, counts.batch, None))) as batches:
                for batch in batches:
                    if self._finished():
                        return
                    if self._progress() >= stage.until:
                        counts.stage, counts.epoch, counts.batch = counts.stage + 1, 0, 0
                        break
                    counts.batch += 1
                    yield batch
                else:
                    if counts.batch == 0:
                        raise ValueError(
                            "no pair passes the stage's weights and length, or too few for all replicas"
                        )
                    counts.epoch, counts.batch = counts.epoch + 1, 0

    def _update(self, batch: Batch) -> torch.Tensor:
        settings, counts = self._recipe.optimiser, self._counts
        progress = self._progress()
        guidance = self._recipe.alignment.weight_at(progress) if batch.links.size else 0.0
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed):
            loss, plain = loss_of(self._model, batch, self._device, settings.label_smoothing, guidance)
        loss.backward()
        # All go by the leader's clock, so that all end a stage, or the run, with the same step.
        seconds = time.monotonic() - self._started if self._replicas.leads else 0.0
        told = (len(batch.target), seconds, *batch.seen)
        pairs, counts.seconds, *seen = self._replicas.share(self._optimiser.weights, batch.seen.sum(), told)
        counts.step += 1
        counts.pairs += int(pairs)
        counts.tokens += int(sum(seen))
        for name, tokens in zip(self._examples.names, seen, strict=True):
            counts.seen[name] = counts.seen.get(name, 0) + int(tokens)
        self._optimiser.step(rate_at(settings, counts.step, progress))
        return plain

    def _log(self, **more: float) -> None:
        if not self._replicas.leads:
            return
        counts = self._counts
        told = {"step": counts.step, "pairs": counts.pairs, "target_tokens": counts.tokens}
        entry = {**told, "seconds": round(counts.seconds, 1), "stage": counts.stage, **more}
        with (self._run / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")

    def _snapshot(self) -> None:
        """The leader's; the others wait to hear how often it was in vain."""
        if self._replicas.leads:
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed):
                chrf = self._validation.chrf(self._model, self._device)
            self._model.train()
            self._log(dev_chrf=round(chrf, 2))
            self._snapshots.take(self._counts, chrf)
        worse = torch.tensor(self._counts.worse)
        self._replicas.agree([worse])
        self._counts.worse = int(worse)
