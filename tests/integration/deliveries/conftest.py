"""What the tests of deliveries stand on."""

from collections.abc import Iterator

import pytest

from jobs.settings import Settings
from tests.integration.deliveries.bench import Bench, Inbox


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox().open() as opened:
        yield opened
