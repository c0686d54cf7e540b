"""The gate: which requests need a key, whose key it is, and whose jobs it opens."""

import logging
from urllib.parse import urlsplit

from flask import request

from api.caller import forwarded_for, identify, owner
from api.compat.parameters import api_key as key_in_body
from api.compat.routes import LIBRETRANSLATE
from jobs.addresses import is_loopback
from jobs.errors import OpenService, Unauthorized
from jobs.keys import ApiKey, KeyRing
from jobs.settings import Settings
from jobs.store import JobStore, utc_now

_OPEN_PATHS = frozenset({"/", "/livez", "/readyz", "/openapi.json", "/docs"}) | {
    "/languages",
    "/frontend/settings",
    "/health",  # what LibreTranslate's clients ask before they have a key
}
_OPEN_FOLDERS = ("/docs/", "/static/")
log = logging.getLogger("khulasa.api")


def is_open() -> bool:
    """Whether the request needs no key and is not counted; whatever is not named here needs one."""
    path = request.path
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS) or request.method == "OPTIONS"


class Gate:
    def __init__(self, keys: KeyRing, store: JobStore, settings: Settings) -> None:
        self._keys = keys
        self._store = store
        self._allow_open = settings.allow_open
        # A container sees its engine as the peer of all: there only where the port is published can tell.
        self._peers_are_local = is_loopback(settings.published_on or "")

    def admit(self) -> None:
        """Raises Unauthorized, or OpenService where no key is asked for but the request is not from here."""
        if is_open():
            return
        presented = _presented()
        if presented is not None:
            identify(self._recognise(presented))
        elif self._keys.required():
            # LibreTranslate's clients send theirs in the body, and send anything where none is needed.
            theirs = key_in_body() if request.blueprint == LIBRETRANSLATE else None
            if not theirs:
                raise Unauthorized("send a key as `Authorization: Bearer …` or `X-API-Key`")
            identify(self._recognise(theirs))
        elif not self._allow_open and not self._is_from_here():
            raise OpenService("make a key with `khulasa keys create NAME`, or set KHULASA_ALLOW_OPEN=true")

    def check_owner(self) -> None:
        """Of the job that the path names, on whatever route; raises JobNotFound."""
        job_id = (request.view_args or {}).get("job_id")
        if job_id is not None:
            self._store.check_owner(job_id, owner())

    def _recognise(self, presented: str) -> ApiKey:
        key = self._keys.find(presented)
        if key is None:
            log.info("key.refused", extra={"reason": "unknown"})
            raise Unauthorized("this is not a key of this service", "the key is not known")
        state = key.state(utc_now())
        if state != "valid":
            log.info("key.refused", extra={"key_id": key.id, "reason": state})
            raise Unauthorized(f"this key is {state}; ask for another", f"the key is {state}")
        return key

    def _is_from_here(self) -> bool:
        """Nothing in it may speak of another machine: no peer, no proxy, no name that was asked for.

        The name catches a proxy that says nothing, and a web page that had its own name resolve to us.
        """
        peer = request.remote_addr  # empty on a Unix socket
        places = [*forwarded_for(), *_host()]
        if peer and not self._peers_are_local:
            places.append(peer)
        return all(is_loopback(place) for place in places)


def _presented() -> str | None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    found = {key for key in (bearer, request.headers.get("X-API-Key", "").strip()) if key}
    if len(found) > 1:
        raise Unauthorized("`Authorization` and `X-API-Key` differ; send one", "two keys were given")
    return found.pop() if found else None


def _host() -> list[str]:
    try:
        name = urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return [""]  # no machine's name
    return [name] if name else []
