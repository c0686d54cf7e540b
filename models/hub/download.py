"""The download: a checkpoint's files from the hub, into the cache that all of Hugging Face's tools share."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get, repo_folder_name
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import logging
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils.tqdm import disable_progress_bars

from models.hub.checkpoint import CONFIG
from models.hub.errors import HubError, of_disk

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = ".khulasa-part"
_HTTP_CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2"}
_UNREACHABLE = (
    f"the hub at {constants.ENDPOINT} cannot be reached, or broke off; "
    "check the network, HF_ENDPOINT and HTTPS_PROXY, and pull again"
)


def be_quiet(*, bars: bool) -> None:
    """What the library says of itself would bury the one line that matters."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # the library leaves it so
    if not bars:
        disable_progress_bars()


class Listing(NamedTuple):
    """A model of the hub at one commit: its files' sizes in bytes, and the SHA-256 of the large ones."""

    hub_id: str
    commit: str
    sizes: Mapping[str, int]
    sha256: Mapping[str, str]
    licence: str | None


def look_up(hub_id: str, revision: str) -> Listing:
    """Raises HubError."""
    api = HfApi()
    with _explained(hub_id, revision):
        licence, commit = None, revision
        if _COMMIT.fullmatch(revision):
            # Fails at once where the hub cannot be reached; the listing tries for half a minute.
            with suppress(EntryNotFoundError):
                get_hf_file_metadata(hf_hub_url(hub_id, CONFIG, revision=revision))
        else:
            info = api.model_info(hub_id, revision=revision)
            commit = info.sha or revision
            licence = info.card_data.get("license") if info.card_data else None
        tree = api.list_repo_tree(hub_id, revision=commit, recursive=True)
        files = [entry for entry in tree if isinstance(entry, RepoFile)]
    return Listing(
        hub_id=hub_id,
        commit=commit,
        sizes={file.path: file.size for file in files},
        sha256={file.path: file.lfs.sha256 for file in files if file.lfs},
        licence=licence if isinstance(licence, str) else None,
    )


def missing_bytes(listing: Listing, names: Sequence[str]) -> int:
    """How much of these files is yet to be fetched."""
    snapshot = _cache(listing.hub_id) / "snapshots" / listing.commit
    return sum(listing.sizes.get(name, 0) for name in names if not (snapshot / name).exists())


def check_room(needed: Mapping[Path, int]) -> None:
    """Raises HubError where so many bytes do not fit the disks of these folders, which need not be there."""
    disks: dict[int, int] = {}
    for place, count in needed.items():
        there = next(path for path in (place, *place.absolute().parents) if path.exists())
        disk = there.stat().st_dev
        disks[disk] = disks.get(disk, 0) + count
        free = shutil.disk_usage(there).free
        if disks[disk] > free:
            raise HubError(
                f"the disk that holds {place} is too full: {_megabytes(disks[disk])} are needed and "
                f"{_megabytes(free)} are free; make room and pull again"
            )


def fetch(listing: Listing, names: Sequence[str]) -> Path:
    """The folder with these files, each as large as the hub says and with its SHA-256. Raises HubError."""
    hub_id, commit = listing.hub_id, listing.commit
    with _explained(hub_id, commit):
        for name in names:
            if name in listing.sha256:
                _fetch_in_parts(hub_id, commit, name)
        folder = Path(snapshot_download(hub_id, revision=commit, allow_patterns=list(names)))
    for name in names:
        _check(folder / name, listing)
    return folder


def cache_folder() -> Path:
    return Path(constants.HF_HUB_CACHE)


def _fetch_in_parts(hub_id: str, commit: str, name: str) -> None:
    """A large file, beginning where an earlier pull was interrupted: the library itself begins anew."""
    blobs = _cache(hub_id) / "blobs"
    if (_cache(hub_id) / "snapshots" / commit / name).exists():
        return
    url = hf_hub_url(hub_id, name, revision=commit)
    metadata = get_hf_file_metadata(url)
    if not metadata.etag or not metadata.size or (blobs / metadata.etag).exists():
        return
    blobs.mkdir(parents=True, exist_ok=True)
    part = blobs / f"{metadata.etag}{_PART}"
    if part.exists() and part.stat().st_size > metadata.size:
        part.unlink()
    with part.open("ab") as file:
        http_get(
            url,
            file,
            resume_size=file.tell(),
            headers=build_hf_headers(),
            expected_size=metadata.size,
            displayed_filename=name,
        )
    part.replace(blobs / metadata.etag)


def _check(path: Path, listing: Listing) -> None:
    blob = path.resolve()
    # The cache names a file after its ETag, which is the SHA-256 of every large one.
    expected = listing.sha256.get(path.name) or (blob.name if _SHA256.fullmatch(blob.name) else None)
    if not blob.is_file():
        raise HubError(f"{path.name} of {listing.hub_id} did not arrive; pull again")
    with blob.open("rb") as file:
        if expected in {None, hashlib.file_digest(file, "sha256").hexdigest()}:
            return
    path.unlink()
    blob.unlink(missing_ok=True)  # so that the next pull fetches it
    raise HubError(
        f"{path.name} of {listing.hub_id} arrived damaged: its SHA-256 is not the one that the hub states; "
        "pull again"
    )


def _cache(hub_id: str) -> Path:
    return cache_folder() / repo_folder_name(repo_id=hub_id, repo_type="model")


@contextmanager
def _explained(hub_id: str, revision: str) -> Iterator[None]:
    try:
        yield
    except HfHubHTTPError as error:
        raise HubError(_refused(error, hub_id, revision)) from error
    except OfflineModeIsEnabled as error:
        raise HubError("HF_HUB_OFFLINE is set, so nothing can be pulled from the hub; unset it") from error
    except LocalEntryNotFoundError as error:
        raise HubError(_UNREACHABLE) from error
    except OSError as error:
        if error.errno is None:  # the library's own: fewer bytes came than were announced
            raise HubError(f"the download of {hub_id} broke off; pull again to go on from there") from error
        raise of_disk(error, cache_folder()) from error
    except Exception as error:
        # The library's HTTP client changed its name once; what it raises is told by its module.
        if type(error).__module__.split(".")[0] not in _HTTP_CLIENTS:
            raise
        raise HubError(_UNREACHABLE) from error


def _refused(error: HfHubHTTPError, hub_id: str, revision: str) -> str:
    endpoint, status = constants.ENDPOINT, error.response.status_code
    if isinstance(error, GatedRepoError):
        return f"{hub_id} is gated: accept its licence at {endpoint}/{hub_id}, then set HF_TOKEN"
    if isinstance(error, RevisionNotFoundError):
        return f"{hub_id} has no revision {revision} at {endpoint}; give another with --revision"
    if isinstance(error, RepositoryNotFoundError):
        return f"{hub_id} is not at {endpoint}, or it is private: check its name, or set HF_TOKEN"
    if status in {401, 403}:
        return f"{endpoint} refuses {hub_id} (HTTP {status}): check HF_TOKEN"
    if status == 404:
        return f"{hub_id} is not at {endpoint} (HTTP 404): check its name and revision"
    return f"{endpoint} answered HTTP {status} for {hub_id}; try again later"


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB"
