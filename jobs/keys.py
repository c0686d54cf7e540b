"""The API keys: made, listed, revoked and recognised; Redis holds their hashes and never a secret."""

import base64
import hashlib
import hmac
import re
import secrets
import threading
from collections import OrderedDict
from datetime import datetime
from time import monotonic
from typing import Annotated, cast

from pydantic import StringConstraints
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import OutOfMemoryError

from jobs.job import Record
from jobs.rate import Rate
from jobs.redis_errors import store_errors
from jobs.transactions import transact

_KEYS = "khulasa:keys"  # a hash of records by key id; they outlive revocation, so that no id comes again
_REQUIRED = "khulasa:keys:required"
_FORM = re.compile(r"kh_([a-z2-7]{8})_[a-z2-7]{40}")
_ID_BYTES, _SECRET_BYTES, _SALT_BYTES = 5, 25, 16
# The secret is 200 random bits, so nobody can guess it however fast the hash: 4 MiB and some 20 ms will do.
_COST = 2**12
_REMEMBERED_SECONDS = 300.0
_MOST_REMEMBERED = 1_000

Name = Annotated[str, StringConstraints(pattern=r"^[\w.@-]{1,64}$")]


class ApiKey(Record):
    id: str  # public: the first part of the key, and what its jobs name as their owner
    name: Name
    check: str  # 16 bits of a fast hash: wrong keys by the thousand must not buy our processor's time
    salt: str
    digest: str
    cost: int = _COST
    rate: Rate | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


class KeyRing:
    """Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._proofs = _Proofs()

    def required(self) -> bool:
        """From the first key on, until `disable`; revoking the last key does not open the service."""
        with store_errors():
            return bool(self._redis.exists(_REQUIRED))

    def disable(self) -> None:
        """Requests need no key until the next one is made; those that there are still name their owners."""
        with store_errors():
            self._redis.delete(_REQUIRED)

    def create(
        self, name: str, *, now: datetime, rate: str | None = None, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """The record and the key itself, which is nowhere kept. Raises ValueError for a bad or taken name."""
        key_id, secret, salt = _random(_ID_BYTES), _random(_SECRET_BYTES), secrets.token_hex(_SALT_BYTES)
        presented = f"kh_{key_id}_{secret}"
        key = ApiKey(
            id=key_id,
            name=name,
            check=_check(presented),
            salt=salt,
            digest=_digest(presented, salt, _COST),
            rate=rate,
            created_at=now,
            expires_at=expires_at,
        )
        self._add(key)
        return key, presented

    def all(self) -> list[ApiKey]:
        """The oldest first, with those that are revoked or expired."""
        with store_errors():
            records = cast("list[str]", self._redis.hvals(_KEYS))
        return sorted((ApiKey.model_validate_json(it) for it in records), key=lambda key: key.created_at)

    def revoke(self, name_or_id: str, *, now: datetime) -> ApiKey:
        """Takes effect with the next request. Raises ValueError where there is none to revoke."""
        live = [key for key in self.all() if not key.revoked_at]
        key = next((it for it in live if name_or_id in (it.id, it.name)), None)
        if key is None:
            raise ValueError(f"no key that is not revoked has the name or prefix {name_or_id}")
        key.revoked_at = now
        with store_errors():
            try:
                self._redis.hset(_KEYS, key.id, key.model_dump_json())
            except OutOfMemoryError:
                self._redis.hdel(_KEYS, key.id)  # a full Redis can still forget it, which locks it out too
        return key

    def find(self, presented: str) -> ApiKey | None:
        """The record that this key proves to be its own, whatever state that is in.

        One look into Redis each time, so that a change of the record holds at once. An unknown id and a wrong
        secret cost the same: no slow hash, but for one wrong secret in 65,536.
        """
        form = _FORM.fullmatch(presented)
        if form is None:
            return None
        with store_errors():
            record = self._redis.hget(_KEYS, form[1])
        key = ApiKey.model_validate_json(record) if record else None
        if key is None or not hmac.compare_digest(_check(presented), key.check):
            return None
        if self._proofs.of(presented) == key.digest:
            return key
        if not hmac.compare_digest(_digest(presented, key.salt, key.cost), key.digest):
            return None
        self._proofs.add(presented, key.digest)
        return key

    def _add(self, key: ApiKey) -> None:
        def add(pipe: Pipeline) -> None:
            for other in self.all():
                if key.name == other.id or (key.name == other.name and not other.revoked_at):
                    raise ValueError(f"there is a key {key.name} already; revoke it or take another name")
            pipe.multi()
            pipe.hset(_KEYS, key.id, key.model_dump_json())
            pipe.set(_REQUIRED, 1)

        with store_errors():
            transact(self._redis, add, _KEYS)


class _Proofs:
    """Which presented keys gave which digest lately, under their SHA-256; none that proved wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    def of(self, presented: str) -> str | None:
        digest, until = self._known.get(_fingerprint(presented), ("", 0.0))
        return digest if until > monotonic() else None

    def add(self, presented: str, digest: str) -> None:
        with self._lock:
            self._known.pop(_fingerprint(presented), None)
            self._known[_fingerprint(presented)] = digest, monotonic() + _REMEMBERED_SECONDS
            while len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)


def _random(count: int) -> str:
    return base64.b32encode(secrets.token_bytes(count)).decode().lower()


def _fingerprint(presented: str) -> bytes:
    return hashlib.sha256(presented.encode()).digest()


def _check(presented: str) -> str:
    return _fingerprint(presented).hex()[:4]


def _digest(presented: str, salt: str, cost: int) -> str:
    return hashlib.scrypt(presented.encode(), salt=bytes.fromhex(salt), n=cost, r=8, p=1, dklen=32).hex()
