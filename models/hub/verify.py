"""The verification of a model on disk: the same bytes as were put there, and still able to answer."""

from pathlib import Path

from jobs.errors import KhulasaError
from models.engines.contract import EngineOptions
from models.hub import manifest
from models.hub.errors import HubError
from models.hub.smoke import smoke
from models.installed import MANIFEST, open_model

_UNLISTED = (MANIFEST, "CARD.md")


def faults_of(folder: Path, options: EngineOptions) -> list[str]:
    """One sentence for each thing that is wrong with the model in `folder`."""
    try:
        expected = manifest.read(folder).get("sha256") or {}
        if not expected:
            return [f"{folder} has no list of its files' SHA-256, so nothing can be verified"]
        faults = [fault for name, sha256 in expected.items() if (fault := _fault(folder / name, sha256))]
        faults += [
            f"{path} is not in the manifest, so nobody knows whether it is what was put there"
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.relative_to(folder).as_posix() not in {*expected, *_UNLISTED}
        ]
        if not faults:
            smoke(open_model(folder), options)
    except (HubError, KhulasaError) as error:
        return [str(error)]
    return faults


def _fault(path: Path, sha256: str) -> str | None:
    try:
        if not path.is_file():
            return f"{path} is missing"
        if manifest.sha256_of(path) != sha256:
            return f"{path} is not the file that was put there: its SHA-256 differs"
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    return None
