"""The area of batches: many submissions in one body."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.batch_intake import NDJSON
from api.openapi import headers
from api.openapi.examples import ARTICLE
from api.openapi.words import SCHEMAS, Area, Json, Operation, answer, body_of
from api.problems import BodyTooLarge, MalformedRequest
from jobs import errors

_STORE = (errors.StoreUnavailable,)
_ABSENT = (errors.BatchNotFound, errors.BatchGone)
_BATCH_ID: Json = {
    "name": "batch_id",
    "in": "path",
    "required": True,
    "description": "As the submission returned it.",
    "schema": {"type": "string"},
}


class Counts(BaseModel):
    queued: int
    running: int
    succeeded: int
    failed: int
    gone: int = Field(description="Erased or expired.")


class BatchView(BaseModel):
    id: str
    created_at: str
    expires_at: str
    articles: int
    finished: bool = Field(description="Nothing is queued or running.")
    counts: Counts


class AcceptedBatch(BatchView):
    jobs: list[str] = Field(description="The jobs' ids, in the order given.")


class GoneJob(BaseModel):
    id: str
    status: Literal["gone"]
    problem: dict[str, Any]


def batches_area(submission: type[BaseModel]) -> Area:
    listed = {"type": "array", "items": {"$ref": f"{SCHEMAS}Submission"}, "minItems": 1}
    whole = {"type": "object", "properties": {"jobs": listed}, "required": ["jobs"]}
    line = {"schema": {"$ref": f"{SCHEMAS}Submission"}}
    submit = Operation(
        name="submitBatch",
        summary="Submit many articles",
        description=f"One submission a line as `{NDJSON}`, or a list as JSON; up to 1,000. All are accepted "
        "or none: each entry of `errors` has the `line` and `code` of what is to be mended. A submission "
        "that names no lane gets `bulk`.",
        parameters=[headers.IDEMPOTENCY_KEY, headers.CACHE_CONTROL],
        body={
            "application/json": {
                "schema": whole | {"additionalProperties": False},
                "example": {"jobs": [{"article": {"text": ARTICLE}}]},
            },
            NDJSON: line,
        },
        answers={
            202: answer("They are accepted.", body_of("AcceptedBatch"), headers=["Location", "Retry-After"])
        },
        errors=[
            errors.MalformedBody,
            MalformedRequest,
            errors.InvalidHeader,
            errors.IdempotencyInFlight,
            errors.BatchGone,
            errors.BatchTooLarge,
            BodyTooLarge,
            errors.UnsupportedBody,
            errors.InvalidBatch,
            errors.InvalidSubmission,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            errors.QueueUnavailable,
            errors.StoreUnavailable,
            errors.StoreFull,
        ],
    )
    follow = Operation(
        name="followBatch",
        summary="Count how far a batch is",
        description="How many of its jobs have each status.",
        answers={200: answer("The counts.", body_of("BatchView"))},
        errors=[*_ABSENT, *_STORE],
    )
    lines: Json = {"anyOf": [{"$ref": f"{SCHEMAS}Job"}, {"$ref": f"{SCHEMAS}GoneJob"}]}
    results = Operation(
        name="readBatchResults",
        summary="Read a batch's jobs",
        description="Each job as it stands, one a line, in the order given. The schema is of one line.",
        answers={200: answer("The jobs.", {NDJSON: {"schema": lines}})},
        errors=[*_ABSENT, *_STORE],
    )
    return Area(
        name="Batches",
        description="A batch is many articles in one submission.",
        paths={
            "/v1/batches": {"post": submit.described("Batches")},
            "/v1/batches/{batch_id}": {"parameters": [_BATCH_ID], "get": follow.described("Batches")},
            "/v1/batches/{batch_id}/results": {
                "parameters": [_BATCH_ID],
                "get": results.described("Batches"),
            },
        },
        inputs=[submission],
        outputs=[BatchView, AcceptedBatch, GoneJob],
    )
