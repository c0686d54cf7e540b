"""The secrets that sign webhooks: one for each API key, or a setting where there are no keys."""

from datetime import datetime, timedelta
from typing import cast

from pydantic import SecretStr
from redis import Redis

from jobs.errors import NoWebhookSecret
from jobs.job import Record
from jobs.store import store_errors
from jobs.webhooks.signing import new_secret, read_secrets

_SECRETS = "khulasa:webhook-secrets"  # a hash of records by key id
LONGEST_OVERLAP = timedelta(days=7)


class WebhookSecret(Record):
    """Until `previous_until` both sign."""

    secret: str
    created_at: datetime
    previous: str | None = None
    previous_until: datetime | None = None

    def signing(self, now: datetime) -> list[str]:
        """The newest first."""
        lives = self.previous is not None and self.previous_until is not None and self.previous_until > now
        return [self.secret, *([self.previous] if lives and self.previous else [])]


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
            new = WebhookSecret(secret=new_secret(), created_at=now)
            self._redis.hsetnx(_SECRETS, owner, new.model_dump_json())
            return WebhookSecret.model_validate_json(cast("str", self._redis.hget(_SECRETS, owner)))

    def rotate(self, owner: str, overlap: timedelta, now: datetime) -> WebhookSecret:
        """A new one; the one before it signs besides it for a while."""
        old = self.of(owner, now)
        new = WebhookSecret(
            secret=new_secret(), created_at=now, previous=old.secret, previous_until=now + overlap
        )
        with store_errors():
            self._redis.hset(_SECRETS, owner, new.model_dump_json())
        return new
