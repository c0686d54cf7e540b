"""The bodies of answers as models: what api/views.py shows, by name."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from jobs.job import ArticleFacts, Problem, Receipt, Status, Webhook
from models.installed import ModelInfo
from models.steps import Steps


class Progress(BaseModel):
    segments_done: int
    segments_total: int
    percent: int = Field(ge=0, le=100, description="The mean over the steps; 100 only when all is there.")


class JobSummary(BaseModel):
    """A job without its results, as a list shows it."""

    id: str
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime = Field(description="When it is erased; until it has ended, the earliest such time.")
    progress: Progress
    article: ArticleFacts
    receipt: Receipt | None = Field(description="Counts of the translation; null for a job without one.")
    problem: Problem | None = Field(description="Why it failed.")
    cached: bool = Field(description="The same work had been done before.")
    metadata: dict[str, str]
    lane: Literal["interactive", "bulk"]
    webhook: Webhook | None


class JobList(BaseModel):
    jobs: list[JobSummary]
    next: str | None = Field(description="The `cursor` of the following page; null on the last.")


class ModelOfAStep(ModelInfo):
    step: str
    default: bool
    available: bool = Field(description="Whether a living worker takes this step.")


class Models(BaseModel):
    models: list[ModelOfAStep]


class Alive(BaseModel):
    status: Literal["ok"]


class Checks(BaseModel):
    redis: Literal["ok"]
    unfinished_jobs: int
    queues: dict[str, int] = Field(description="Steps that wait, by queue.")
    workers: dict[str, list[str]] = Field(description="The queues that each living worker takes from.")


class Ready(Alive):
    checks: Checks


class FieldProblem(BaseModel):
    pointer: str = Field(description="A JSON pointer into the body, or the name of a query parameter.")
    detail: str
    line: int | None = Field(None, description="Of a batch: which submission.")
    code: str | None = Field(None, description="Of a batch: what that submission would be refused with.")


class HttpProblem(BaseModel):
    """RFC 9457, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = Field([], description="Each field that is to be mended.")
    checks: Checks | None = Field(None, description="Of `/readyz`: what was found.")


def result_models(steps: Steps) -> dict[str, type[BaseModel]]:
    """Each step's result as clients see it: its fields are null until it has succeeded."""
    return {
        name: create_model(
            result_name(name),
            status=(Status, ...),
            problem=(Problem | None, ...),
            **{  # type: ignore[call-overload]  # a result's fields are known only once the steps are loaded
                field: (info.annotation | None, ...) for field, info in step.result.model_fields.items()
            },
        )
        for name, step in steps.items()
    }


def result_name(step: str) -> str:
    return "".join(part.capitalize() for part in step.split("_")) + "View"


def job_model(results: dict[str, type[BaseModel]]) -> type[BaseModel]:
    optional: dict[str, Any] = {name: (model, None) for name, model in results.items()}
    of_a_job = create_model("Results", __doc__="Those of the steps that were asked for.", **optional)
    return create_model("Job", __base__=JobSummary, __doc__="A job as it stands.", results=(of_a_job, ...))
