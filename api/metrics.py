"""What Prometheus is told: the state of the queues and of the deliveries, read from Redis when it asks."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from jobs.dead.letters import DeadLetters
from jobs.line import Line
from jobs.store import JobStore, utc_now
from jobs.webhooks.post import Post
from jobs.workers import WorkerRegister


class Metrics:
    """Counts that all processes share, and no names of clients or receivers."""

    def __init__(
        self,
        *,
        store: JobStore,
        line: Line,
        dead: DeadLetters,
        post: Post,
        register: WorkerRegister,
    ) -> None:
        self._store = store
        self._line = line
        self._dead = dead
        self._post = post
        self._register = register
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """In Prometheus's text format. Raises StoreUnavailable."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing: else registering would ask Redis."""
        return []

    def collect(self) -> Iterator[Metric]:
        now = utc_now()
        yield GaugeMetricFamily(
            "khulasa_unfinished_jobs", "Jobs that have not ended.", value=self._store.unfinished()
        )
        yield GaugeMetricFamily(
            "khulasa_unfinished_characters",
            "Characters of their articles.",
            value=self._store.unfinished_characters(),
        )
        yield GaugeMetricFamily(
            "khulasa_dead_jobs", "Jobs on the dead-letter list.", value=self._dead.count(now)
        )
        yield _gauges("khulasa_waiting_steps", "Steps that wait for a worker.", "queue", self._line.lengths())
        yield GaugeMetricFamily(
            "khulasa_workers",
            "Workers and couriers that showed life lately.",
            value=len(self._register.alive()),
        )
        waiting = self._post.waiting(now)
        late = (now - waiting.oldest_due_at).total_seconds() if waiting.oldest_due_at else 0.0
        yield GaugeMetricFamily(
            "khulasa_webhook_deliveries_waiting",
            "Deliveries to be sent, now or later.",
            value=waiting.deliveries,
        )
        yield GaugeMetricFamily(
            "khulasa_webhook_oldest_due_seconds", "For how long the oldest one has been due.", value=late
        )
        yield _gauges(
            "khulasa_webhook_breakers",
            "Receivers that are left alone because they failed, by state.",
            "state",
            self._post.breakers_by_state(now),
        )
        attempts = CounterMetricFamily(
            "khulasa_webhook_attempts", "Attempts at deliveries.", labels=["outcome"]
        )
        for outcome, count in sorted(self._post.attempts_by_outcome().items()):
            attempts.add_metric([outcome], count)
        yield attempts


def _gauges(name: str, help_text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
