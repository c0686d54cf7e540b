"""Where webhooks may go, as submissions ask it; the slow names of one client hold up no other."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from flask import g

from jobs.errors import LookupsBusy
from jobs.webhooks.targets import ForbiddenTarget, Resolve, TargetRules, resolve_name
from jobs.webhooks.urls import has_literal_host

_AT_ONCE = 4  # lookups of this process, one for each owner
_TURN_SECONDS = 3.0  # of waiting for one
_REQUEST_SECONDS = 10.0  # that the lookups of one request may take, a batch of a thousand among them
_REMEMBERED_SECONDS, _MOST_REMEMBERED = 30.0, 1_000


class AllowedTargets:
    def __init__(self, rules: TargetRules, resolve: Resolve = resolve_name) -> None:
        self._rules = rules
        self._resolve = resolve
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._turn_of: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._found: OrderedDict[str, tuple[float, str | None]] = OrderedDict()  # until when it holds, by URL

    def fault(self, url: str, owner: str) -> str | None:
        """What is wrong with the URL and what to do; None where nothing is. Raises LookupsBusy."""
        until, wrong = self._found.get(url, (0.0, None))
        if until > monotonic():
            return wrong
        try:
            target = self._rules.read(url)
            if has_literal_host(target):
                self._rules.addresses(target)
                return None
        except ForbiddenTarget as error:
            return error.detail
        with self._turn(owner):
            try:
                self._rules.addresses(target, self._resolve)
            except ForbiddenTarget as error:
                wrong = error.detail
            else:
                wrong = None
        self._found[url] = monotonic() + _REMEMBERED_SECONDS, wrong
        while len(self._found) > _MOST_REMEMBERED:
            self._found.popitem(last=False)
        return wrong

    @contextmanager
    def _turn(self, owner: str) -> Iterator[None]:
        began = monotonic()
        deadline: float = g.setdefault("lookups_until", began + _REQUEST_SECONDS)
        patience = min(_TURN_SECONDS, deadline - began)
        mine = self._turn_of[owner]
        if patience <= 0 or not mine.acquire(timeout=patience):
            raise _busy()
        try:
            if not self._turns.acquire(timeout=patience):
                raise _busy()
            try:
                yield
            finally:
                self._turns.release()
        finally:
            mine.release()


def _busy() -> LookupsBusy:
    return LookupsBusy("the names of your webhooks are looked up too slowly; send fewer at once, or later")
