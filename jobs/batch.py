"""The batch: articles that were submitted together, and the ids of their jobs in the order given."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict
from redis import Redis
from redis.client import Pipeline

from jobs.errors import BatchGone, BatchNotFound, IdempotencyInFlight
from jobs.redis_errors import store_errors
from jobs.settings import Settings
from jobs.transactions import transact

_BATCH = "khulasa:batch:{}"
_SEEN = "khulasa:batch-seen:{}"
# The ids of the jobs of a batch that is being stored.
_DRAFT = "khulasa:batch-draft:{}"
_DRAFT_SECONDS = 86_400  # as long as its idempotency key


class Batch(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    owner: str = ""
    created_at: datetime
    ttl_seconds: int  # the longest of its jobs
    jobs: list[str]

    @property
    def expires_at(self) -> datetime:
        return self.created_at + timedelta(seconds=self.ttl_seconds)


class BatchStore:
    """Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._tombstone_seconds = settings.tombstone_seconds

    def begin(self, batch_id: str, jobs: Sequence[str]) -> None:
        """Before its jobs are stored: whoever takes a batch over that was cut off finds them."""
        with store_errors():
            self._redis.set(_DRAFT.format(batch_id), json.dumps(jobs), ex=_DRAFT_SECONDS)

    def create(self, batch: Batch) -> None:
        """Its jobs are stored. Raises IdempotencyInFlight where it was abandoned meanwhile."""
        draft = _DRAFT.format(batch.id)

        def write(pipe: Pipeline) -> None:
            if not pipe.exists(draft):
                raise IdempotencyInFlight("the same batch was submitted again and took this one's place")
            pipe.multi()
            pipe.delete(draft)
            pipe.set(_BATCH.format(batch.id), batch.model_dump_json(), ex=batch.ttl_seconds)
            pipe.set(_SEEN.format(batch.id), batch.owner, ex=batch.ttl_seconds + self._tombstone_seconds)

        with store_errors():
            transact(self._redis, write, draft)

    def abandon(self, batch_id: str) -> list[str]:
        """It will never be created; gives the ids of the jobs that it may have stored."""
        with store_errors():
            draft = cast("str | None", self._redis.getdel(_DRAFT.format(batch_id)))
        return list(json.loads(draft)) if draft else []

    def was_accepted(self, batch_id: str) -> bool:
        """Whether it was ever created."""
        with store_errors():
            return bool(self._redis.exists(_SEEN.format(batch_id)))

    def discard(self, batch_id: str) -> None:
        """Removes a batch whose client is told that it was not accepted, as if it had not been."""
        with store_errors():
            self._redis.delete(*(key.format(batch_id) for key in (_DRAFT, _BATCH, _SEEN)))

    def get(self, batch_id: str, owner: str) -> Batch:
        """Raises BatchNotFound for one never seen or another's, BatchGone for one that has expired."""
        with store_errors():
            record = self._redis.get(_BATCH.format(batch_id))
            if record is None and self._redis.get(_SEEN.format(batch_id)) == owner:
                raise BatchGone("it has expired; its jobs may still be there under their own ids")
        batch = Batch.model_validate_json(record) if record else None
        if batch is None or batch.owner != owner:
            raise BatchNotFound("check the id that the submission returned")
        return batch
