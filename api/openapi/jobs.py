"""The area of jobs: submit an article, list jobs, follow one, read one result, erase it."""

from typing import Any

from pydantic import BaseModel

from api.listing import ID_PATTERN, LIMIT_MOST, REFERENCE_LONGEST
from api.openapi import headers
from api.openapi.bodies import JobList, job_model, result_models, result_name
from api.openapi.examples import EVENT, FINISHED, PLAIN
from api.openapi.submissions import submit
from api.openapi.words import SCHEMAS, Area, Json, Operation, answer, body_of, events_of, text_of
from jobs import errors
from jobs.job import Status
from models.steps import Steps

_ABSENT = (errors.JobNotFound, errors.JobGone)
_STORE = (errors.StoreUnavailable,)
JOB_ID: Json = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "description": "As the submission returned it.",
    "schema": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
}


_REFERENCE: Json = {"type": "string", "maxLength": REFERENCE_LONGEST}


def jobs_area(submission: type[BaseModel], steps: Steps) -> Area:
    results = result_models(steps)
    return Area(
        name="Jobs",
        description="A job is one article and the steps asked for.",
        paths={
            "/v1/jobs": {"post": submit().described("Jobs"), "get": _list().described("Jobs")},
            "/v1/jobs/{job_id}": {
                "parameters": [JOB_ID],
                "get": _follow().described("Jobs"),
                "delete": _erase().described("Jobs"),
            },
            "/v1/jobs/{job_id}/events": {"parameters": [JOB_ID], "get": _events().described("Jobs")},
            "/v1/jobs/{job_id}/{step}": {
                "parameters": [JOB_ID, _step(list(steps))],
                "get": _result(list(steps)).described("Jobs"),
            },
        },
        inputs=[submission],
        outputs=[job_model(results), JobList],
    )


def _step(names: list[str]) -> Json:
    return {
        "name": "step",
        "in": "path",
        "required": True,
        "description": "One of the steps that the job was asked for.",
        "schema": {"type": "string", "enum": names},
    }


def _list() -> Operation:
    return Operation(
        name="listJobs",
        summary="List your jobs",
        description="The newest first, without their results. A page may hold fewer jobs than `limit`, or "
        "none, and still have a `next`.",
        parameters=[
            _query(
                "status", "Only jobs with this status.", {"type": "string", "enum": list(Status)}, "succeeded"
            ),
            _query("reference", "Only jobs whose article has this reference.", _REFERENCE, "cms-4711"),
            _query(
                "cursor", "The `next` of the page before.", {"type": "string", "pattern": f"^{ID_PATTERN}$"}
            ),
            _query(
                "limit", "How many.", {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": 50}
            ),
        ],
        answers={200: answer("A page.", body_of("JobList"))},
        errors=[errors.InvalidQuery, *_STORE],
    )


def _query(name: str, description: str, schema: Json, example: Any = None) -> Json:
    told: Json = {"name": name, "in": "query", "description": description, "schema": schema}
    return told | ({"example": example} if example is not None else {})


def _follow() -> Operation:
    return Operation(
        name="followJob",
        summary="Follow a job",
        description="The job as it stands, with what there is of its results.",
        parameters=[headers.PREFER, headers.IF_NONE_MATCH],
        answers={
            200: answer("The job.", body_of("Job", finished=FINISHED), headers=["ETag"]),
            304: answer("Nothing has changed since that `ETag`.", headers=["ETag"]),
        },
        errors=[*_ABSENT, *_STORE],
    )


def _erase() -> Operation:
    return Operation(
        name="eraseJob",
        summary="Cancel and erase a job",
        description="Ends the work within one batch of segments and erases text, results and the cached "
        "sentences that only it used.",
        answers={204: answer("It is gone.")},
        errors=[*_ABSENT, *_STORE],
    )


def _events() -> Operation:
    return Operation(
        name="streamEvents",
        summary="Hear of a job as it changes",
        description="Server-sent events: `status` (of the job and each step), `progress`, `segment` (as in "
        "the translation), and at the end `done` with the job without its results. Each has an `id`; a "
        "client that comes back with it in `Last-Event-ID` hears what it missed and nothing twice.",
        parameters=[headers.LAST_EVENT_ID],
        answers={
            200: answer("The stream.", events_of(["status", "progress", "segment", "done"], EVENT)),
            204: answer("You have heard the end; do not come back."),
        },
        errors=[*_ABSENT, errors.TooManyWaiting, *_STORE],
    )


def _result(steps: list[str]) -> Operation:
    result = {"anyOf": [{"$ref": f"{SCHEMAS}{result_name(name)}"} for name in steps]}
    plain = text_of("text/plain", "The result's text alone.", PLAIN)
    return Operation(
        name="readResult",
        summary="Read one result",
        description="JSON as it stands in the job, or with `Accept: text/plain` its text alone. Any other "
        "`Accept` is answered with JSON.",
        answers={
            200: answer("The result.", {"application/json": {"schema": result}, **plain}, headers=["Vary"]),
        },
        errors=[*_ABSENT, errors.ResultNotRequested, errors.ResultNotReady, errors.StepFailed, *_STORE],
    )
