"""A trial: a service, its customers, their receiver of webhooks, the ledger, and the verdict at the end."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import httpx

from tests.faults.customer import Customer
from tests.faults.ledger import Event, Ledger
from tests.faults.orphans import grown, left_over, orphans
from tests.faults.service import Service
from tests.faults.stock import take_stock
from tests.faults.verdict import Case, findings
from tests.integration.deliveries.bench import Inbox


class Trial:
    """Break the service as you like in between; `judge` says what became of the promise."""

    def __init__(self, service: Service, clients: dict[str, httpx.Client], inbox: Inbox) -> None:
        self.service = service
        self.clients = clients
        self.inbox = inbox
        self.ledger = Ledger()
        self.redis = service.look()

    @classmethod
    @contextmanager
    def of(cls, service: Service, owners: tuple[str, ...] = ()) -> Iterator[Self]:
        """Each owner has an API key; without any the service asks for none."""
        with ExitStack() as exits:
            clients = {owner: service.client(service.create_key(owner)) for owner in owners}
            clients = clients or {"": service.client()}
            for client in clients.values():
                exits.enter_context(client)
            trial = cls(service, clients, exits.enter_context(Inbox().open()))
            exits.callback(trial.redis.close)
            yield trial

    def customer(self, owner: str = "", **chosen: Any) -> Customer:
        return Customer(self.clients[owner], self.ledger, owner=owner, **chosen)

    def check_healthy(self, *, within_seconds: float) -> float:
        """Fails unless it is ready and a fresh job succeeds, which it erases; gives the seconds taken."""
        key: str | None = next(iter(self.clients.values())).headers.get("X-API-Key")
        return self.service.check_healthy(within_seconds=within_seconds, key=key)

    def events(self) -> dict[str, list[Event]]:
        return Event.by_job(self.inbox.received)

    def wait_for_quiet(self, *, within_seconds: float) -> bool:
        """Whether every job has ended and every delivery has come within that time."""
        deadline = time.monotonic() + within_seconds
        while left_over(self.redis):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def findings(self, *, may_fail: frozenset[str] = frozenset(), within_seconds: float = 60) -> list[str]:
        """What is off in the ledger and in Redis, a line each, once all is quiet."""
        quiet = self.wait_for_quiet(within_seconds=within_seconds)
        stock = take_stock(self.ledger, self.clients, self.redis)
        off = findings(Case(self.ledger.entries, self.events(), stock, may_fail))
        if not quiet:
            off += [f"left over: {name}" for name in left_over(self.redis)]
        off += [f"orphans: {line}" for line in orphans(self.redis)]
        return off + [f"grown: {line}" for line in grown(self.redis)]

    def judge(self, *, healthy_within_seconds: float = 60, **chosen: Any) -> None:
        """Fails where the promise was not kept, or the service is not healthy again within that time."""
        self.check_healthy(within_seconds=healthy_within_seconds)
        off = self.findings(**chosen)
        assert not off, f"{len(off)} things are off:\n" + "\n".join(off[:50])
