"""The store: where models lie on disk, so that a reader sees a whole old one or a whole new one.

`<models>/<name>` is a link to `<models>/.store/<name>-<digest>`; putting a model in place replaces the link.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.hub.errors import HubError, of_disk
from models.installed import CHECKPOINT, CONVERTED, MANIFEST

_STORE = ".store"
_WORK = "work-"
_LINK = "link-"
_GRACE_SECONDS = 3600


class Store:
    def __init__(self, models_dir: Path) -> None:
        self.models_dir = models_dir
        self._store = models_dir / _STORE

    @contextmanager
    def locked(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """One process at a time; calls `waiting` where another one is at work. Ends with its process."""
        try:
            self._store.mkdir(parents=True, exist_ok=True)
            lock = (self._store / "lock").open("w")
        except OSError as error:
            raise of_disk(error, self.models_dir) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def workplace(self, name: str) -> Iterator[Path]:
        """A folder to make a model in, on the same disk; gone afterwards unless it was put in place."""
        place = self._store / f"{_WORK}{name}"
        place.mkdir()
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def check_free(self, name: str) -> None:
        """Raises HubError where something that is no pulled model has the name."""
        path = self.models_dir / name
        if path.exists() and not path.is_symlink():
            raise HubError(f"{path} was not put there by a pull; move it away, or give another --name")

    def put(self, place: Path, name: str, digest: str) -> Path:
        """The folder that `name` leads to from now on; the one before stays for its time of grace."""
        whole = self._store / f"{name}-{digest}"
        place.rename(whole)
        link = self._store / f"{_LINK}{name}"
        link.symlink_to(Path(_STORE) / whole.name)
        before = (self.models_dir / name).resolve()
        link.replace(self.models_dir / name)
        if before.parent == self._store.resolve() and before.is_dir():
            os.utime(before)  # its time of grace begins
        return whole

    def remove(self, name: str) -> None:
        """Raises HubError for a name that is not there."""
        path = self.models_dir / name
        if path.is_symlink():
            folder = path.resolve()
            path.unlink()
            if folder.parent == self._store.resolve() and folder not in self._led_to():
                shutil.rmtree(folder, ignore_errors=True)
        elif path.is_dir():
            if not any((path / content).exists() for content in (MANIFEST, CONVERTED, CHECKPOINT)):
                raise HubError(f"{path} holds no model, so it is not removed; delete it yourself")
            path.rename(self._store / f"{_WORK}{name}")
        else:
            raise HubError(
                f"{name} is not installed in {self.models_dir}; `khulasa models list` says what is"
            )
        self.clear()

    def clear(self) -> None:
        """Drops what interrupted pulls left, and models long without a name. Hold the lock."""
        kept = {*self._led_to(), (self._store / "lock").resolve()}
        for path in self._store.iterdir():
            if path.is_symlink():
                path.unlink()
            elif path.resolve() in kept or _is_graced(path):
                continue
            elif path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()

    def _led_to(self) -> set[Path]:
        return {path.resolve() for path in self.models_dir.iterdir() if path.is_symlink()}


def _is_graced(path: Path) -> bool:
    """Whether a worker may still be loading it: a model whose name was led elsewhere a short time ago."""
    is_model = path.is_dir() and not path.name.startswith(_WORK)
    return is_model and time.time() - path.stat().st_mtime < _GRACE_SECONDS
