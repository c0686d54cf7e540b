"""The batch: articles that were submitted together, and the ids of their jobs in the order given."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast

from pydantic import BaseModel, ConfigDict
from redis import Redis
from redis.client import Pipeline

from jobs.errors import BatchGone, BatchNotFound, IdempotencyInFlight, StoreFull
from jobs.redis_errors import store_errors
from jobs.settings import Settings
from jobs.transactions import transact

_BATCH = "khulasa:batch:{}"
_SEEN = "khulasa:batch-seen:{}"
# The ids of the jobs of a batch that is being stored; that it never will be.
_DRAFT = "khulasa:batch-draft:{}"
_ABANDONED = "khulasa:batch-abandoned:{}"
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
        """Before its jobs are stored: whoever abandons the batch finds them."""
        with store_errors():
            self._redis.set(_DRAFT.format(batch_id), json.dumps(jobs), ex=_DRAFT_SECONDS)

    def create(self, batch: Batch) -> None:
        """Its jobs are stored. Raises IdempotencyInFlight where it was abandoned meanwhile."""
        seen, abandoned = _SEEN.format(batch.id), _ABANDONED.format(batch.id)

        def write(pipe: Pipeline) -> None:
            # It may be written twice, where the first reply is lost.
            if pipe.exists(abandoned) and not pipe.exists(seen):
                raise IdempotencyInFlight("the same batch was submitted again and took this one's place")
            pipe.multi()
            pipe.delete(_DRAFT.format(batch.id))
            pipe.set(_BATCH.format(batch.id), batch.model_dump_json(), ex=batch.ttl_seconds)
            pipe.set(seen, batch.owner, ex=batch.ttl_seconds + self._tombstone_seconds)

        with store_errors():
            transact(self._redis, write, seen, abandoned)

    def abandon(self, batch_id: str) -> list[str] | None:
        """From now on it cannot be created. Gives the ids of the jobs that it may have stored, until they are
        forgotten; None where it has been created already."""
        with suppress(StoreFull), store_errors():  # a full Redis would not let it be created either
            self._redis.set(_ABANDONED.format(batch_id), 1, ex=_DRAFT_SECONDS)
        with store_errors():
            if self.was_accepted(batch_id):
                return None
            draft = cast("str | None", self._redis.get(_DRAFT.format(batch_id)))
        return list(json.loads(draft)) if draft else []

    def forget_draft(self, batch_id: str) -> None:
        """None of the jobs of an abandoned batch is left."""
        with store_errors():
            self._redis.delete(_DRAFT.format(batch_id))

    def was_accepted(self, batch_id: str) -> bool:
        """Whether it was ever created."""
        with store_errors():
            return bool(self._redis.exists(_SEEN.format(batch_id)))

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
