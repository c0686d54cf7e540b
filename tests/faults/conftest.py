"""A service of the test's own, each part of which can be killed by itself, and those who watch it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.faults.service import Service
from tests.faults.trial import Trial

StartTrial = Callable[..., Trial]


@pytest.fixture
def start_trial(_redis_server: None, tmp_path: Path) -> Iterator[StartTrial]:
    """Takes what Service takes, but for the folder, and `owners`: of API keys, if it is to ask for them."""
    with ExitStack() as exits:

        def start(owners: tuple[str, ...] = (), **chosen: Any) -> Trial:
            chosen = {"steps_dir": Path(__file__).parents[1] / "doubles", **chosen}
            service = exits.enter_context(Service(tmp_path / "service", **chosen))
            return exits.enter_context(Trial.of(service, owners))

        yield start
