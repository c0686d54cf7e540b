"""The operator's console: commands that speak to Redis straight, and fail in one line."""

import sys
from collections.abc import Callable, Sequence

from pydantic import SecretStr, ValidationError
from redis import Redis

from jobs.errors import KhulasaError, StoreUnavailable
from jobs.settings import Settings
from jobs.store import connect


def answer(do: Callable[[Settings, Redis], str]) -> int:
    """Writes what `do` says, or what was wrong; gives the exit status."""
    try:
        settings = _found(Settings.from_environment())
        said = do(settings, connect(settings, retries=0))
    except StoreUnavailable as error:
        return _fail(f"{error.detail}; is it started, and KHULASA_REDIS_URL or KHULASA_DATA_DIR right?")
    except KhulasaError as error:
        return _fail(error.detail)
    except ValidationError as error:
        return _fail("; ".join(f"{it['loc'][-1] if it['loc'] else ''}: {it['msg']}" for it in error.errors()))
    except ValueError as error:
        return _fail(str(error))
    sys.stdout.write(f"{said}\n")
    return 0


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _found(settings: Settings) -> Settings:
    """With the Redis that they name; where they name none, that of a local stack on the data directory."""
    place = settings.data_dir / "redis.sock"
    if "redis_url" not in settings.model_fields_set and place.exists():
        return settings.model_copy(update={"redis_url": SecretStr(f"unix://{place.resolve()}")})
    return settings


def _fail(message: str) -> int:
    sys.stderr.write(f"khulasa: {message}\n")
    return 1
