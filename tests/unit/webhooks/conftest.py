"""The listener, ended with the test that started it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.unit.webhooks.running import SECRET, Listen, Listener, command


@pytest.fixture
def listen() -> Iterator[Listen]:
    with ExitStack() as exits:

        def start(*arguments: str, secret: str | None = SECRET, env_secret: str = "") -> Listener:
            words = [
                "webhooks",
                "listen",
                "--port",
                "0",
                *(["--secret", secret] if secret else []),
                *arguments,
            ]
            process = command(*words, secret=env_secret)
            exits.enter_context(process)
            exits.callback(process.kill)
            return Listener(process, says=process.stderr if "--json" in arguments else process.stdout)

        yield start


@pytest.fixture(scope="module")
def shared() -> Iterator[Listener]:
    """For tests that read each line they cause."""
    with command("webhooks", "listen", "--port", "0", "--secret", SECRET) as process:
        yield Listener(process, says=process.stdout)
        process.kill()
