"""The cache of Hugging Face's tools: where a file of a commit lies, and whether it is the right one."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from huggingface_hub import constants
from huggingface_hub.file_download import repo_folder_name

_PART = ".khulasa-part"
_SHA256_DIGITS = 64


def folder() -> Path:
    return Path(constants.HF_HUB_CACHE)


def snapshot(hub_id: str, commit: str) -> Path:
    return _of(hub_id) / "snapshots" / commit


def blob(hub_id: str, digest: str) -> Path:
    """Where the content with this SHA-256, or of this name in git, belongs."""
    return _of(hub_id) / "blobs" / digest


@contextmanager
def part_of(blob: Path) -> Iterator[BinaryIO | None]:
    """What came of a blob so far, to be appended to; None where another process has fetched all of it."""
    blob.parent.mkdir(parents=True, exist_ok=True)
    part = blob.with_name(f"{blob.name}{_PART}")
    while True:
        with part.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if blob.exists():
                part.unlink(missing_ok=True)
                yield None
                return
            if not _is_still(part, file):  # the one who held it has renamed it
                continue
            yield file
            file.flush()
            part.replace(blob)
            return


def link(path: Path, blob: Path) -> None:
    """Gives a blob its name in a snapshot, where another pull may be reading: it is never missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    made.symlink_to(os.path.relpath(blob, path.parent))
    made.replace(path)


def is_damaged(path: Path, digest: str) -> bool:
    """Whether it is not what its SHA-256, or its name in git, says."""
    if len(digest) == _SHA256_DIGITS:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != digest
    content = path.read_bytes()
    named = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    return named.hexdigest() != digest


def drop(path: Path, hub_id: str) -> None:
    """Takes a file out of its snapshot and its content out of the cache, so that the next pull fetches it."""
    content = path.resolve()
    path.unlink(missing_ok=True)
    if content.parent == (_of(hub_id) / "blobs").resolve():
        content.unlink(missing_ok=True)


def _is_still(part: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(part.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _of(hub_id: str) -> Path:
    return folder() / repo_folder_name(repo_id=hub_id, repo_type="model")
