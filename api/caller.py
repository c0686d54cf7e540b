"""The caller: the key and the address that the current request comes from."""

from typing import cast

from flask import g, request

from jobs.addresses import one_client, parse
from jobs.keys import ApiKey


def identify(key: ApiKey | None) -> None:
    g.api_key = key


def api_key() -> ApiKey | None:
    """The key that the gate has recognised; None where none was given."""
    return cast("ApiKey | None", g.get("api_key"))


def owner() -> str:
    """What the caller's jobs name as their owner; empty without a key."""
    key = api_key()
    return key.id if key else ""


def forwarded_for() -> list[str]:
    """What X-Forwarded-For says, the nearest last; anybody may write anything there."""
    return [entry.strip() for entry in request.headers.get("X-Forwarded-For", "").split(",") if entry.strip()]


def client(trusted_proxies: int) -> str:
    """The client's address, seen by the outermost of so many proxies that we trust.

    Each adds the address of its peer on the right, so what stands further left is hearsay. Where there are
    fewer entries, or that one is no address, somebody came another way and is known by the peer's address.
    """
    peer = request.remote_addr or ""
    entries = forwarded_for()
    told = entries[-trusted_proxies] if 0 < trusted_proxies <= len(entries) else peer
    address = parse(told) or parse(peer)
    return one_client(address) if address else "local"  # a peer on a Unix socket has no address
