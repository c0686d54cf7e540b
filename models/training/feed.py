"""The feed of batches: made ahead of the training loop by processes of their own, in order."""

import functools
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from models.training import alignment, examples, vocabulary
from models.training.batches import Batch, Maker, Order

_AHEAD = 4


class Feed:
    """Makes batches from the run's files on `workers` processes, in this one where that is 0; what is
    in the batches does not depend on how many."""

    def __init__(self, run: Path, pad: int, workers: int = 0) -> None:
        self._run = run
        self._pad = pad
        self._workers = workers
        # Spawned, not forked: the parent has threads, and perhaps a GPU.
        spawning = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, spawning, _end_with_parent) if workers else None

    def batches(self, orders: Iterable[Order]) -> Generator[Batch]:
        if self._pool is None:
            maker = functools.cache(functools.partial(_maker_of, self._run, self._pad))
            yield from (maker(order.linked).make(order) for order in orders)
            return
        waiting: deque[Future[Batch]] = deque()
        try:
            for order in orders:
                waiting.append(self._pool.submit(_make, self._run, self._pad, order))
                if len(waiting) > _AHEAD * self._workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _make(run: Path, pad: int, order: Order) -> Batch:
    return _kept_maker(run, pad, order.linked).make(order)


def _maker_of(run: Path, pad: int, linked: bool) -> Maker:
    lexicon = alignment.load(run / alignment.LEXICON) if linked else None
    return Maker(examples.load(run), vocabulary.load(run, "source"), pad, lexicon)


_kept_maker = functools.cache(_maker_of)  # a process of the pool serves one run


def _end_with_parent() -> None:
    """A parent that is killed cannot end its pool, whose processes would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
