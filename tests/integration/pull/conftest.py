"""A hub on this machine, and the command that pulls from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import Hub, Repository, serving
from tests.pulling import Commands, a_checkpoint


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """Serves toy/marian."""
    pytest.importorskip("safetensors", reason="it comes with transformers, which pulling alone needs")
    with serving(marian=a_checkpoint(tmp_path / "hub")) as served:
        yield served


@pytest.fixture
def repository(hub: Hub) -> Repository:
    return hub.repositories["toy/marian"]


@pytest.fixture
def commands(hub: Hub, tmp_path: Path) -> Commands:
    return Commands(tmp_path, hub)
