"""The secrets that sign webhooks: one for each API key, or a setting where there are no keys."""

from datetime import datetime, timedelta
from typing import cast

from pydantic import SecretStr
from redis import Redis
from redis.client import Pipeline

from jobs.errors import NoWebhookSecret, TooManySecrets
from jobs.job import Record
from jobs.redis_errors import store_errors
from jobs.transactions import transact
from jobs.webhooks.signing import new_secret, read_secrets

_SECRETS = "khulasa:webhook-secrets"  # a hash of records by key id
LONGEST_OVERLAP = timedelta(days=7)
_MOST_EARLIER = 5  # each makes every delivery a signature longer


class EarlierSecret(Record):
    secret: str
    until: datetime


class WebhookSecret(Record):
    """The one that signs from now on, and earlier ones that sign for a while longer."""

    secret: str
    created_at: datetime
    earlier: tuple[EarlierSecret, ...] = ()

    def living(self, now: datetime) -> tuple[EarlierSecret, ...]:
        return tuple(it for it in self.earlier if it.until > now)

    def signing(self, now: datetime) -> list[str]:
        """The newest first."""
        return [self.secret, *(it.secret for it in self.living(now))]

    def earlier_until(self, now: datetime) -> datetime | None:
        return max((it.until for it in self.living(now)), default=None)


class WebhookSecrets:
    """`owner` is the id of an API key, empty where none is needed.

    Every method raises StoreUnavailable when Redis does not answer, and NoWebhookSecret for no owner.
    """

    def __init__(self, redis: Redis, setting: SecretStr | None) -> None:
        self._redis = redis
        self._setting = read_secrets(setting.get_secret_value()) if setting else []

    def signing(self, owner: str, now: datetime) -> list[str]:
        """Those that sign now, the newest first."""
        if not owner and self._setting:
            return self._setting
        return self.of(owner, now).signing(now)

    def of(self, owner: str, now: datetime) -> WebhookSecret:
        """Made when it is first asked for."""
        if not owner:
            raise NoWebhookSecret(
                "without API keys webhooks are signed with KHULASA_WEBHOOK_SECRET; "
                "set it for the API and the workers, or make a key with `khulasa keys create NAME`"
            )
        with store_errors():
            found = self._redis.hget(_SECRETS, owner)
            if found is None:
                new = WebhookSecret(secret=new_secret(), created_at=now)
                self._redis.hsetnx(_SECRETS, owner, new.model_dump_json())
                found = self._redis.hget(_SECRETS, owner)
        return WebhookSecret.model_validate_json(cast("str", found))

    def rotate(self, owner: str, overlap: timedelta, now: datetime) -> WebhookSecret:
        """A new one; all that signed so far go on for `overlap`, or for as long as they were to before.

        No overlap ends them at once. Raises TooManySecrets.
        """
        self.of(owner, now)

        def follow(pipe: Pipeline) -> WebhookSecret:
            old = WebhookSecret.model_validate_json(cast("str", pipe.hget(_SECRETS, owner)))
            new = _followed(old, overlap, now)
            pipe.multi()
            pipe.hset(_SECRETS, owner, new.model_dump_json())
            return new

        with store_errors():
            return transact(self._redis, follow, _SECRETS)


def _followed(old: WebhookSecret, overlap: timedelta, now: datetime) -> WebhookSecret:
    earlier = (EarlierSecret(secret=old.secret, until=now + overlap), *old.living(now)) if overlap else ()
    if len(earlier) > _MOST_EARLIER:
        raise TooManySecrets(
            f"{_MOST_EARLIER} earlier ones sign still; wait for one to end, or end all with overlap_seconds 0"
        )
    return WebhookSecret(secret=new_secret(), created_at=now, earlier=earlier)
