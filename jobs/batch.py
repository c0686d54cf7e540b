"""The batch: articles that were submitted together, and the ids of their jobs in the order given."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from redis import Redis

from jobs.errors import BatchGone, BatchNotFound
from jobs.redis_errors import store_errors
from jobs.settings import Settings

_BATCH = "khulasa:batch:{}"
_SEEN = "khulasa:batch-seen:{}"


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

    def create(self, batch: Batch) -> None:
        with store_errors(), self._redis.pipeline() as pipe:
            pipe.set(_BATCH.format(batch.id), batch.model_dump_json(), ex=batch.ttl_seconds)
            pipe.set(_SEEN.format(batch.id), batch.owner, ex=batch.ttl_seconds + self._tombstone_seconds)
            pipe.execute()

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
