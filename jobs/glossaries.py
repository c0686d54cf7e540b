"""The glossary store: an owner's glossaries in Redis, each with a revision that every write raises."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

from pydantic import BaseModel, ConfigDict
from redis import Redis
from redis.client import Pipeline

from jobs.errors import GlossaryChanged, GlossaryNotFound, TooManyGlossaries
from jobs.redis_errors import store_errors
from jobs.transactions import transact

_TERMS = "khulasa:glossary:{owner}:{name}"
_FACTS = "khulasa:glossaries:{owner}"  # a hash: what a list shows of each name
# A hash that outlives the glossaries: a name deleted and written again has no revision twice.
_REVISIONS = "khulasa:glossary-revisions:{owner}"
_MOST_NAMES = 1_000  # ever, of one owner


class GlossaryFacts(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    revision: int
    updated_at: datetime
    count: int


class StoredGlossary(GlossaryFacts):
    terms: list[tuple[str, str]]  # Arabic, English


class GlossaryStore:
    """Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def put(
        self, owner: str, name: str, terms: Sequence[tuple[str, str]], expected: set[int] | None = None
    ) -> tuple[GlossaryFacts, bool]:
        """As it is now, and whether it is new. Raises GlossaryChanged if it has none of the revisions
        `expected`, and TooManyGlossaries.
        """
        facts, revisions = _FACTS.format(owner=owner), _REVISIONS.format(owner=owner)

        def write(pipe: Pipeline) -> tuple[GlossaryFacts, bool]:
            last = cast("str | None", pipe.hget(revisions, name))
            is_new = not pipe.hexists(facts, name)
            if expected is not None and (is_new or int(last or 0) not in expected):
                raise GlossaryChanged("it has another revision by now, or none; read it again")
            if last is None and pipe.hlen(revisions) >= _MOST_NAMES:
                raise TooManyGlossaries(f"there can be {_MOST_NAMES} names; write over one of them")
            written = StoredGlossary(
                name=name,
                revision=int(last or 0) + 1,
                updated_at=datetime.now(UTC),
                count=len(terms),
                terms=list(terms),
            )
            pipe.multi()
            pipe.hset(revisions, name, str(written.revision))
            pipe.hset(facts, name, written.model_dump_json(exclude={"terms"}))
            pipe.set(_TERMS.format(owner=owner, name=name), written.model_dump_json())
            return written, is_new

        with store_errors():
            return transact(self._redis, write, facts, revisions)

    def get(self, owner: str, name: str) -> StoredGlossary:
        """Raises GlossaryNotFound."""
        with store_errors():
            found = self._redis.get(_TERMS.format(owner=owner, name=name))
        if found is None:
            raise GlossaryNotFound("check its name, or PUT it first")
        return StoredGlossary.model_validate_json(cast("str", found))

    def revision(self, owner: str, name: str) -> int:
        """Raises GlossaryNotFound."""
        with store_errors():
            found = self._redis.hget(_FACTS.format(owner=owner), name)
        if found is None:
            raise GlossaryNotFound("check its name, or PUT it first")
        return GlossaryFacts.model_validate_json(found).revision

    def delete(self, owner: str, name: str) -> None:
        """Raises GlossaryNotFound."""
        # Not a transaction: a full Redis refuses those, and erasing is what would help it.
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.unlink(_TERMS.format(owner=owner, name=name))
            pipe.hdel(_FACTS.format(owner=owner), name)
            erased = pipe.execute()
        if not any(erased):
            raise GlossaryNotFound("check its name, or PUT it first")

    def all(self, owner: str) -> list[GlossaryFacts]:
        """By name."""
        with store_errors():
            found = cast("dict[str, str]", self._redis.hgetall(_FACTS.format(owner=owner)))
        return [GlossaryFacts.model_validate_json(found[name]) for name in sorted(found)]
