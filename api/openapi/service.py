"""The area of the service itself: its models and its health."""

from api.openapi.bodies import Alive, Models, Ready
from api.openapi.words import Area, Operation, answer, body_of, text_of
from jobs.errors import NoWorker, QueueUnavailable, StoreFull, StoreUnavailable

_METRICS = 'khulasa_webhook_attempts_total{outcome="delivered"} 4711.0\n'
_PUBLIC = ()  # asked by load balancers, which have no key


def service_area() -> Area:
    models = Operation(
        name="listModels",
        summary="List the models",
        description="What does each step, its licence, how well; whether a living worker takes it.",
        answers={200: answer("The models by step.", body_of("Models"))},
        errors=[StoreUnavailable],
    )
    alive = Operation(
        name="isAlive",
        summary="Is it alive",
        description="Whether this process answers, whatever becomes of Redis and the workers.",
        answers={200: answer("Yes.", body_of("Alive", alive={"status": "ok"}))},
        security=_PUBLIC,
    )
    ready = Operation(
        name="isReady",
        summary="Can it work",
        description="Whether Redis answers and each queue has a living worker.",
        answers={200: answer("Yes.", body_of("Ready"))},
        errors=[NoWorker, StoreUnavailable, StoreFull, QueueUnavailable],
        security=_PUBLIC,
    )
    metrics = Operation(
        name="readMetrics",
        summary="Read the metrics",
        description="Jobs, queues, workers, webhooks: attempts by outcome, age of the oldest due delivery, "
        "breakers by state. In Prometheus's text format.",
        answers={200: answer("The metrics.", text_of("text/plain", "One a line.", _METRICS))},
        errors=[StoreUnavailable, StoreFull, QueueUnavailable],
    )
    return Area(
        name="Service",
        description="What there is, and whether it works.",
        paths={
            "/v1/models": {"get": models.described("Service")},
            "/metrics": {"get": metrics.described("Service")},
            "/livez": {"get": alive.described("Service")},
            "/readyz": {"get": ready.described("Service")},
        },
        outputs=[Models, Alive, Ready],
    )
