"""Lookups of submissions: remembered, bounded, and one client's never in the way of another's."""

import threading
from collections.abc import Iterator
from time import monotonic

import pytest
from flask import Flask

from api.targets import AllowedTargets
from jobs.errors import LookupsBusy
from jobs.webhooks.targets import TargetRules

PUBLIC = "93.184.216.34"


class Names:
    """A name server that counts, and is slow where a test holds it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held = threading.Event()
        self.held.set()

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if host.startswith("slow"):
            self.held.wait(20)
        if host.startswith("bad"):
            raise OSError
        return [PUBLIC]


@pytest.fixture
def names() -> Iterator[Names]:
    names = Names()
    yield names
    names.held.set()


@pytest.fixture
def targets(names: Names) -> AllowedTargets:
    return AllowedTargets(TargetRules(), names)


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


def test_what_was_found_is_remembered_good_or_bad(app: Flask, targets: AllowedTargets, names: Names) -> None:
    with app.app_context():
        for _ in range(3):
            assert targets.fault("https://good.example/a", "") is None
            assert targets.fault("https://bad.example/a", "")
    assert names.asked == ["good.example", "bad.example"]


def test_an_address_is_never_looked_up(app: Flask, targets: AllowedTargets, names: Names) -> None:
    with app.app_context():
        assert targets.fault(f"https://{PUBLIC}/", "") is None
        assert targets.fault("https://10.0.0.1/", "")
    assert names.asked == []


def test_slow_names_of_one_client_do_not_hold_up_another(
    app: Flask, targets: AllowedTargets, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.targets._TURN_SECONDS", 0.2)
    names.held.clear()
    began = monotonic()

    def ask_slowly(number: int) -> None:
        with app.app_context():
            try:
                targets.fault(f"https://slow{number}.example/", "slow")
            except LookupsBusy:
                return

    threads = [threading.Thread(target=ask_slowly, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    while not names.asked:
        threading.Event().wait(0.01)
    with app.app_context():
        assert targets.fault("https://good.example/", "another") is None
        assert targets.fault(f"https://{PUBLIC}/", "slow") is None
        with pytest.raises(LookupsBusy):
            targets.fault("https://good.example/b", "slow")
    assert monotonic() - began < 10
    names.held.set()
    for thread in threads:
        thread.join()


def test_the_lookups_of_one_request_end(
    app: Flask, targets: AllowedTargets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.targets._REQUEST_SECONDS", 0.0)
    with app.app_context(), pytest.raises(LookupsBusy):
        targets.fault("https://good.example/a", "")
