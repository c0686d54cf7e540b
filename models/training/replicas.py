"""Several processes that train one network, each on a core of its own and on batches of its own.

Two processes of one thread do nearly twice what one process of two threads does. Every update is the one
that their batches would have given together.
"""

import multiprocessing
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from models.training.batches import Order


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
        """Make the gradients those of all batches together, this one's in proportion to its `share`.

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


@contextmanager
def started(count: int, others: Callable[..., None], *arguments: Any) -> Generator[Replicas]:
    """Run `others(replicas, *arguments)` in `count - 1` further processes while the block runs as leader."""
    if count == 1:
        yield Replicas()
        return
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory:
        meeting = Path(directory) / "meeting"
        processes = [
            spawning.Process(target=_run, args=(meeting, index, count, others, arguments), daemon=True)
            for index in range(1, count)
        ]
        for process in processes:
            process.start()
        with _joined(meeting, 0, count) as leader:
            yield leader
        for process in processes:
            process.join()


def _run(
    meeting: Path, index: int, count: int, others: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    with _joined(meeting, index, count) as replicas:
        others(replicas, *arguments)


@contextmanager
def _joined(meeting: Path, index: int, count: int) -> Generator[Replicas]:
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=index, world_size=count)
    try:
        yield Replicas(index, count)
    finally:
        distributed.destroy_process_group()
