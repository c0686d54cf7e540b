"""Several processes that train one network, each on a core of its own and on batches of its own.

Two processes of one thread do nearly twice what one process of two threads does.
"""

import multiprocessing
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import distributed

from models.training.batches import Order

_STARTED_WITHIN_SECONDS = 180


class Replicas:
    """`count` processes, of which this is number `index`; number 0, the leader, writes and reports."""

    def __init__(self, index: int = 0, count: int = 1) -> None:
        self.index = index
        self.count = count

    @property
    def leads(self) -> bool:
        return self.index == 0

    def own(self, orders: Iterator[Order]) -> Iterator[Order]:
        """Every `count`-th of `orders`, and as many as the others have."""
        for group in zip(*[orders] * self.count, strict=False):
            yield group[self.index]

    def share(self, weights: Sequence[torch.Tensor], share: float, told: Sequence[float]) -> list[float]:
        """Make each gradient the mean of those of all replicas, weighted by each one's `share`.

        Returns the sums of what each replica has `told`, in 32 bits. Waits for the others.
        """
        if self.count == 1:
            return list(told)
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        sums = torch.cat([*(part.ravel() * share for part in gradients), torch.tensor([share, *told])])
        distributed.all_reduce(sums)
        total, *results = (float(number) for number in sums[-1 - len(told) :])
        parts = sums[: -1 - len(told)].div_(total).split([part.numel() for part in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))
        return results

    def agree(self, tensors: Iterable[torch.Tensor]) -> None:
        """Give all replicas what the leader has in `tensors`. Waits for the leader."""
        if self.count > 1:
            for tensor in tensors:
                distributed.broadcast(tensor, src=0)


class _Meeting(NamedTuple):
    """Where and when `size` processes find each other."""

    place: Path
    ready: Any
    size: int

    @contextmanager
    def joined_by(self, index: int) -> Generator[Replicas]:
        try:
            self.ready.wait(_STARTED_WITHIN_SECONDS)  # torch itself waits half an hour for one that has died
        except threading.BrokenBarrierError as error:
            raise TimeoutError(
                f"not all {self.size} replicas started: train with fewer --replicas"
            ) from error
        place = f"file://{self.place}"
        distributed.init_process_group("gloo", init_method=place, rank=index, world_size=self.size)
        try:
            yield Replicas(index, self.size)
        finally:
            distributed.destroy_process_group()


@contextmanager
def started(count: int, others: Callable[..., None], *arguments: Any) -> Generator[Replicas]:
    """Run `others(replicas, *arguments)` in `count - 1` further processes while the block runs as leader."""
    if count == 1:
        yield Replicas()
        return
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory:
        meeting = _Meeting(Path(directory) / "meeting", spawning.Barrier(count), count)
        processes = [
            spawning.Process(target=_run, args=(meeting, index, others, arguments), daemon=True)
            for index in range(1, count)
        ]
        for process in processes:
            process.start()
        with meeting.joined_by(0) as leader:
            yield leader
        for process in processes:
            process.join()


def _run(meeting: _Meeting, index: int, others: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    with meeting.joined_by(index) as replicas:
        others(replicas, *arguments)
