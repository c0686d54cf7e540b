"""The settings of one Khulasa process, read once from `KHULASA_*` variables and passed in from then on."""

import os
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.connection import parse_url

from jobs.rate import Rate
from jobs.webhooks.signing import read_secrets
from jobs.webhooks.targets import TargetRules

PREFIX = "KHULASA_"
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")  # as browsers spell it


class Settings(BaseSettings):
    """Every field is a variable of the same name in capitals after `KHULASA_`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    # Where things are
    redis_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)  # 0 takes a free one
    data_dir: Path = Path(".khulasa")
    steps_dir: Path | None = None  # a folder of further step files, read like models/steps
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    # Who may come, and how often
    allow_open: bool = False  # answer others than this machine though no key was ever made
    published_on: str | None = None  # the address on which a container engine publishes the port
    trusted_proxies: int = Field(0, ge=0)  # in front of us, each of which adds one entry to X-Forwarded-For
    rate_limit: Rate = "600/minute"  # submissions of one key, or else of one address
    poll_rate_limit: Rate = "6000/minute"  # its other requests

    # What is accepted
    max_article_chars: int = Field(100_000, ge=1)
    max_body_bytes: int = Field(2_097_152, ge=1024)
    max_file_bytes: int = Field(10_485_760, ge=1024)  # of an uploaded text, page or document
    max_files_at_once: int = Field(2, ge=1)  # read side by side, each in a process of its own
    file_seconds: float = Field(20.0, gt=0)  # after which reading one is given up
    file_memory_mb: int = Field(512, ge=128)
    max_batch_articles: int = Field(1_000, ge=1)
    max_batch_bytes: int = Field(67_108_864, ge=1024)
    max_queued_jobs: int = Field(10_000, ge=1)  # that have not ended
    max_queued_characters: int = Field(100_000_000, ge=1)  # of their articles together
    ttl_seconds: int = Field(86_400, ge=60)
    max_ttl_seconds: int = Field(604_800, ge=60)
    tombstone_seconds: int = Field(604_800, ge=60)  # that ids of jobs and batches outlive them, as 410
    max_waiting_clients: int = Field(1_000, ge=0)  # held by `Prefer: wait`, in one API process

    # How the API serves
    max_connections: int = Field(2_000, ge=10)  # of clients, to one API process
    client_idle_seconds: float = Field(6.0, gt=0)  # with no request; httpx and Node keep a connection for 5 s
    client_head_seconds: float = Field(10.0, gt=0)  # for a request's line and headers
    client_body_seconds: float = Field(20.0, gt=0)  # that its body may be behind, or silent …
    client_body_bytes_per_second: int = Field(4_096, ge=1)  # … this rate
    client_send_seconds: float = Field(60.0, gt=0)  # without taking any of an answer
    cors_origins: str = ""  # of pages that may read the answers, with commas between: https://desk.example
    store_timeout_seconds: float = Field(3.0, gt=0)

    # Webhooks
    webhook_secret: SecretStr | None = None  # signs where there are no API keys; two with a comma: both sign
    webhook_allow_http: bool = False
    webhook_allowed_networks: str = ""  # of internal receivers: CIDRs with commas between
    webhook_allowed_ports: str = "443,8443"  # of public receivers; with http 80 and 8080 besides
    webhook_ca_file: Path | None = None  # further certificates to trust, for internal receivers
    webhook_timeout_seconds: float = Field(15.0, gt=0)  # of one attempt, from the lookup to the reply
    webhook_claim_seconds: float = Field(60.0, gt=0)  # after which an attempt that nobody ended is repeated
    webhook_senders: int = Field(64, ge=1)  # attempts at once, of one process
    webhook_senders_per_receiver: int = Field(4, ge=1)  # of all processes together

    # The segment cache
    segment_cache_url: SecretStr | None = None  # of a Redis apart, which may evict; else the job store's
    segment_cache_mb: int = Field(64, ge=0)  # the least lately used go first; 0: no cache
    segment_cache_ttl_seconds: int = Field(604_800, ge=60)  # after the last use

    # How steps run
    lease_seconds: float = Field(60.0, gt=0)  # one batch of segments must end well within it
    requeue_seconds: float = Field(30.0, gt=0)  # after which an unclaimed message may be sent again
    reap_interval_seconds: float = Field(5.0, gt=0)
    max_attempts: int = Field(3, ge=1)
    step_time_limit_seconds: int = Field(900, ge=1)  # after which its process is killed
    drain_seconds: float = Field(20.0, ge=0)  # that steps may go on for when their worker is told to stop

    # Which models run, and how
    models_dir: Path = Path(".khulasa/models")  # where `khulasa models pull` puts them
    catalog: Path | None = None  # a TOML file of further models that can be pulled by name
    translation_model: str | None = None  # an installed model's name, or a folder; else the best installed
    summary_model: str | None = None
    engine: Literal["ctranslate2", "transformers"] = "ctranslate2"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    engine_threads: int | None = Field(None, ge=1)  # else the cores, shared among a worker's processes
    beam_size: int = Field(4, ge=1)
    batch_tokens: int | None = Field(None, ge=64)  # source tokens in a batch, padding included
    model_idle_seconds: float = Field(900.0, gt=0)  # after which a model that nobody used is dropped
    model_memory_mb: int | None = Field(None, ge=1)  # of one process's loaded models; else no limit

    @field_validator("redis_url", "segment_cache_url")
    @classmethod
    def _redis_url_can_be_read(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            if url:
                parse_url(url.get_secret_value())  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        except ValueError as error:
            raise ValueError("not a Redis URL; percent-encode special characters in its password") from error
        return url

    @field_validator("cors_origins")
    @classmethod
    def _origins_are_exact(cls, origins: str) -> str:
        wrong = [origin for origin in _listed(origins) if not _ORIGIN.fullmatch(origin)]
        if wrong:
            raise ValueError(
                f"not an origin: {wrong[0]}; write https://host or http://host:port, no path, no *"
            )
        return origins

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secrets_can_sign(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret:
            read_secrets(secret.get_secret_value())
        return secret

    @property
    def webhook_rules(self) -> TargetRules:
        return TargetRules.from_settings(
            allow_http=self.webhook_allow_http,
            networks=self.webhook_allowed_networks,
            ports=self.webhook_allowed_ports,
        )

    @property
    def allowed_origins(self) -> frozenset[str]:
        return frozenset(_listed(self.cors_origins))

    @model_validator(mode="after")
    def _webhook_rules_can_be_read(self) -> Self:
        self.webhook_rules  # noqa: B018  # raises ValueError
        return self

    @model_validator(mode="after")
    def _claim_outlives_its_attempt(self) -> Self:
        if self.webhook_claim_seconds < 2 * self.webhook_timeout_seconds:
            raise ValueError(
                f"{PREFIX}WEBHOOK_CLAIM_SECONDS must be at least twice {PREFIX}WEBHOOK_TIMEOUT_SECONDS"
            )
        return self

    @model_validator(mode="after")
    def _the_longest_article_can_be_queued(self) -> Self:
        if self.max_queued_characters < self.max_article_chars:
            raise ValueError(f"{PREFIX}MAX_QUEUED_CHARACTERS is below {PREFIX}MAX_ARTICLE_CHARS")
        return self

    @model_validator(mode="after")
    def _ttl_within_its_maximum(self) -> Self:
        if self.ttl_seconds > self.max_ttl_seconds:
            raise ValueError(f"{PREFIX}TTL_SECONDS is above {PREFIX}MAX_TTL_SECONDS")
        return self

    def as_environment(self) -> dict[str, str]:
        """The variables that give another process the settings that were set here."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        plain = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in given.items()
        }
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in plain.items() if value is not None}

    @classmethod
    def from_environment(cls) -> Self:
        """Raises ValueError for a `KHULASA_*` variable that is not a setting: a typo must not pass."""
        known = {f"{PREFIX}{name}".upper() for name in cls.model_fields}
        unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(unknown)}; see jobs/settings.py")
        return cls()


def _listed(value: str) -> list[str]:
    return [part for part in (part.strip() for part in value.split(",")) if part]
