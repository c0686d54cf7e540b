"""What can go wrong with models on their way to the disk, each in one sentence."""

import errno
from pathlib import Path


class HubError(Exception):
    """Its sentence is for whoever sits at the terminal: what is wrong and what to do about it."""


def of_disk(error: OSError, place: Path) -> HubError:
    """What a failed read or write in `place` means."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return HubError(f"the disk that holds {place} is full; make room and pull again")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        where = error.filename or place
        return HubError(f"{where} may not be read or written ({error.strerror}); check whose it is")
    return HubError(f"{error.filename or place}: {error.strerror or error}")
