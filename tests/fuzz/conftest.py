"""How long the fuzzing goes on, and from which seed: `--fuzz-minutes` and `--fuzz-seed`."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

import hypothesis
import pytest
from hypothesis import strategies as st

SEED = 5  # of the short form, which is the same each time
SHORT_SECONDS = 1.5  # of each test
EXAMPLES = 25  # between two looks at the clock
T = TypeVar("T")


@dataclass(frozen=True)
class Fuzz:
    """One test's share of the time."""

    seed: int
    seconds: float

    def rounds(self) -> Iterator[random.Random]:
        """A source of chance for each round, until the time is over; one round at least."""
        ends = time.monotonic() + self.seconds
        for number in count():
            if number and time.monotonic() > ends:
                return
            yield random.Random(f"{self.seed} {number}")

    def hunt(self, values: st.SearchStrategy[T], law: Callable[[T], None]) -> None:
        """Hypothesis, which makes what breaks the law as small as it can."""
        settings = hypothesis.settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        for chance in self.rounds():
            hypothesis.seed(chance.getrandbits(32))(settings(hypothesis.given(values)(law)))()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-minutes", type=float, help="of all tests in tests/fuzz together")
    group.addoption("--fuzz-seed", type=int, help="one seed makes the same input, in the same order")


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [f"fuzz seed: {_seed(config)}"] if config.getoption("--fuzz-minutes", None) else []


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    minutes = request.config.getoption("--fuzz-minutes", None)
    sharing = sum("fuzz" in getattr(item, "fixturenames", ()) for item in request.session.items)
    seed = _seed(request.config)
    print(f"seed {seed}")  # noqa: T201  # stands beside what failed
    return Fuzz(seed, 60 * minutes / sharing if minutes else SHORT_SECONDS)


def _seed(config: pytest.Config) -> int:
    given = config.getoption("--fuzz-seed", None)
    return SEED if given is None else int(given)
