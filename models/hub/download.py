"""The download: what the hub says of a checkpoint, and its files fetched into the cache."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import HfApi, constants, get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import logging
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils.tqdm import disable_progress_bars

from models.hub import cache
from models.hub.errors import HubError, of_disk

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ABSENT = 404
_HTTP_CLIENTS = {"httpx", "httpx2", "httpcore", "httpcore2"}
_UNREACHABLE = (
    f"the hub at {constants.ENDPOINT} cannot be reached, or broke off; "
    "check the network, HF_ENDPOINT and HTTPS_PROXY, and pull again"
)
_ENDLESS = f"the hub at {constants.ENDPOINT} redirects without end; check HF_ENDPOINT"
_NO_HUB = f"what {constants.ENDPOINT} answers is not what a hub answers; check HF_ENDPOINT and HTTPS_PROXY"


def be_quiet(*, bars: bool) -> None:
    """What the library says of itself would bury the one line that matters."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # the library leaves it so
    if not bars:
        disable_progress_bars()


class Listing(NamedTuple):
    """A model of the hub at one commit; `digests` are SHA-256 of large files, git's names of others."""

    hub_id: str
    commit: str
    sizes: Mapping[str, int]  # bytes
    digests: Mapping[str, str]
    licence: str | None


def look_up(hub_id: str, revision: str) -> Listing:
    """Raises HubError."""
    with _explained(hub_id, revision):
        try:
            return _listing(hub_id, revision)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HubError(_NO_HUB) from error


def _listing(hub_id: str, revision: str) -> Listing:
    api = HfApi()
    commit, licence = revision, None
    try:
        info = api.model_info(hub_id, revision=revision)
        commit = info.sha or revision
        licence = info.card_data.get("license") if info.card_data else None
    except HfHubHTTPError as error:  # some mirrors know a commit's files, but not its card
        if not _COMMIT.fullmatch(revision) or error.response.status_code != _ABSENT:
            raise
    tree = api.list_repo_tree(hub_id, revision=commit, recursive=True)
    files = [entry for entry in tree if isinstance(entry, RepoFile)]
    digests = {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}
    # They become names of files here.
    if not _COMMIT.fullmatch(commit) or not all(map(_DIGEST.fullmatch, digests.values())):
        raise HubError(_NO_HUB)
    return Listing(
        hub_id=hub_id,
        commit=commit,
        sizes={file.path: file.size for file in files},
        digests=digests,
        licence=licence if isinstance(licence, str) else None,
    )


def missing_bytes(listing: Listing, names: Sequence[str]) -> int:
    """How much of these files is yet to be fetched."""
    snapshot = cache.snapshot(listing.hub_id, listing.commit)
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
    """The folder with these files, each of them as the listing says. Raises HubError."""
    folder = cache.snapshot(listing.hub_id, listing.commit)
    with _explained(listing.hub_id, listing.commit):
        for name in names:
            if not (folder / name).exists():
                _fetch_in_parts(listing, name)
            if cache.is_damaged(folder / name, listing.digests[name]):
                cache.drop(folder / name, listing.hub_id)
                raise HubError(
                    f"{name} of {listing.hub_id} arrived damaged: it is not the file that the hub lists; "
                    "pull again"
                )
    return folder


def _fetch_in_parts(listing: Listing, name: str) -> None:
    """Begins where an earlier pull was interrupted: the library itself begins anew."""
    url = hf_hub_url(listing.hub_id, name, revision=listing.commit)
    metadata = get_hf_file_metadata(url)
    digest = listing.digests[name]
    if metadata.etag != digest:
        raise HubError(
            f"{constants.ENDPOINT} lists {name} of {listing.hub_id} as {digest[:12]}, but serves another "
            "file under its name; pull again, or check HF_ENDPOINT"
        )
    blob = cache.blob(listing.hub_id, digest)
    with cache.part_of(blob) as part:
        if part and metadata.size is not None and part.tell() > metadata.size:
            part.truncate(0)
            part.seek(0)
        if part and metadata.size != part.tell():
            http_get(
                url,
                part,
                resume_size=part.tell(),
                headers=build_hf_headers(),
                expected_size=metadata.size,
                displayed_filename=name,
            )
    cache.link(cache.snapshot(listing.hub_id, listing.commit) / name, blob)


@contextmanager
def _explained(hub_id: str, revision: str) -> Iterator[None]:
    try:
        yield
    except HfHubHTTPError as error:
        raise HubError(_refused(error, hub_id, revision)) from error
    except OfflineModeIsEnabled as error:
        raise HubError("HF_HUB_OFFLINE is set, so nothing can be pulled from the hub; unset it") from error
    except OSError as error:
        if error.errno is None:  # the library's own: fewer bytes came than were announced
            raise HubError(f"the download of {hub_id} broke off; pull again to go on from there") from error
        raise of_disk(error, cache.folder()) from error
    except Exception as error:
        # The library's HTTP client changed its name once; what it raises is told by its module.
        if type(error).__module__.split(".")[0] not in _HTTP_CLIENTS:
            raise
        endless = type(error).__name__ == "TooManyRedirects"
        raise HubError(_ENDLESS if endless else _UNREACHABLE) from error


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
