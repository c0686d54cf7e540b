"""The crowd: what a thousand customers want, planned from a seed, and the threads that ask for it."""

import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.faults.articles import article
from tests.faults.customer import OutOfPatience
from tests.faults.ledger import Entry
from tests.faults.trial import Trial

_STEPS: Sequence[tuple[list[str], int]] = (
    (["summary", "translation", "english_summary"], 50),
    (["summary"], 25),
    (["summary", "english_summary"], 15),
    (["translation"], 10),
)
_DUPLICATES = 0.3  # the same text as another's …
_OF_THE_SAME_KEY = 0.3  # … and of those, the very same submission once more
_WITH_WEBHOOK = 0.5
_ERASED = 0.1
_WITHOUT_KEY = 0.2  # these do not repeat what nobody has answered
_HANG_UP = 0.05
_FRESH = 0.05
_AT_ONCE = 64


@dataclass(frozen=True)
class Wish:
    """What one customer does; `starts_at` and `erased_after` in seconds."""

    entry: Entry
    body: bytes
    starts_at: float
    erased_after: float | None
    hangs_up: bool
    fresh: bool
    seed: int


def plan(trial: Trial, owners: Sequence[str], *, jobs: int, seconds: float, seed: int) -> list[Wish]:
    """Opens an entry for each submission, or for two where the second repeats the first."""
    chance = random.Random(seed)
    wishes: list[Wish] = []
    while len(wishes) < jobs:
        earlier = chance.choice(wishes) if wishes and chance.random() < _DUPLICATES else None
        if earlier and chance.random() < _OF_THE_SAME_KEY and earlier.entry.idempotency_key:
            entry, body, fresh = earlier.entry, earlier.body, earlier.fresh
        else:
            entry = trial.ledger.open(
                owner=chance.choice(owners),
                key=f"key-{len(wishes)}-{seed}" if chance.random() > _WITHOUT_KEY else None,
                wants_webhook=chance.random() < _WITH_WEBHOOK,
            )
            asked = json.loads(earlier.body) if earlier else _ask(chance)
            body = _body(asked, entry, trial.inbox.url)
            fresh = chance.random() < _FRESH
        wish = Wish(
            entry,
            body,
            starts_at=seconds * len(wishes) / jobs,
            erased_after=chance.choice([0.0, chance.uniform(0, 8)]) if chance.random() < _ERASED else None,
            hangs_up=entry.idempotency_key is not None and chance.random() < _HANG_UP,
            fresh=fresh,
            seed=chance.randrange(2**32),
        )
        wishes.append(wish)
    return wishes


class Crowd:
    """Asks for all that is wished, each at its time or as soon as a place is free."""

    def __init__(self, wishes: Sequence[Wish], trial: Trial, *, patience_seconds: float) -> None:
        self._wishes = wishes
        self._trial = trial
        self._patience_seconds = patience_seconds
        self._began = time.monotonic()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="customer")
        self._lock = threading.Lock()
        self.failures: list[str] = []
        self.started = 0
        self.ended = 0

    def start(self) -> None:
        self._began = time.monotonic()
        for wish in self._wishes:
            self._pool.submit(self._live, wish)
        self._pool.shutdown(wait=False)

    @property
    def is_done(self) -> bool:
        return self.ended == len(self._wishes)

    def _live(self, wish: Wish) -> None:
        time.sleep(max(0.0, self._began + wish.starts_at - time.monotonic()))
        with self._lock:
            self.started += 1
        try:
            patience_seconds = self._began + self._patience_seconds - time.monotonic()
            chance = random.Random(wish.seed)
            customer = self._trial.customer(
                wish.entry.owner, patience_seconds=patience_seconds, chance=chance
            )
            customer.send(wish.entry, wish.body, fresh=wish.fresh, hangs_up=wish.hangs_up)
            if wish.erased_after is not None:
                time.sleep(wish.erased_after)
                customer.erase(wish.entry)
            customer.follow(wish.entry)
        except OutOfPatience as error:
            self.failures.append(str(error))
        except Exception as error:  # noqa: BLE001  # a thread of its own: nobody else would say so
            self.failures.append(f"entry {wish.entry.number}: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self.ended += 1


def _ask(chance: random.Random) -> dict[str, Any]:
    steps = chance.choices([steps for steps, _ in _STEPS], [weight for _, weight in _STEPS])[0]
    return {"article": {"text": article(chance, chance.randrange(1, 13))}, "steps": steps}


def _body(asked: Mapping[str, Any], entry: Entry, webhook: str) -> bytes:
    body = {"article": asked["article"], "steps": asked["steps"], "metadata": entry.metadata}
    if entry.wants_webhook:
        body["webhook"] = {"url": webhook}
    return json.dumps(body, ensure_ascii=False).encode()
