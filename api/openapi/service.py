"""The area of the service itself: its models and its health."""

from api.openapi.bodies import Alive, Models, Ready
from api.openapi.words import Area, Operation, answer, body_of
from jobs.errors import NoWorker, QueueUnavailable, StoreFull, StoreUnavailable

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
    return Area(
        name="Service",
        description="What there is, and whether it works.",
        paths={
            "/v1/models": {"get": models.described("Service")},
            "/livez": {"get": alive.described("Service")},
            "/readyz": {"get": ready.described("Service")},
        },
        outputs=[Models, Alive, Ready],
    )
