"""Views: a stored job as clients see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs.job import Job, Status, StepRecord, StoredJob

ResultFields = Mapping[str, Sequence[str]]  # what the result of each step holds


def rfc3339(moment: datetime) -> str:
    """In UTC, as every time of the contract."""
    return moment.isoformat().replace("+00:00", "Z")


def job_view(stored: StoredJob, fields: ResultFields) -> dict[str, Any]:
    """The body that API.md calls the job; times are RFC 3339 in UTC."""
    results = {name: result_view(stored, name, fields) for name in stored.job.steps}
    return job_summary(stored.job) | {"results": results}


def job_summary(job: Job) -> dict[str, Any]:
    """The job without its results, as a list shows it."""
    times = job.model_dump(mode="json", include={"created_at", "started_at", "finished_at"})
    failed = [step.problem for step in job.steps.values() if step.problem]
    receipts = [step.receipt for step in job.steps.values() if step.receipt]
    return {
        "id": job.id,
        "status": job.status,
        **times,
        "expires_at": rfc3339(job.expires_at),
        "progress": _progress(job),
        "article": job.article.model_dump(),
        "receipt": receipts[0].model_dump() if receipts else None,
        "problem": failed[0].model_dump() if failed else None,
        "cached": job.cached,
        "metadata": job.metadata,
        "lane": job.lane,
        "webhook": job.webhook.model_dump() if job.webhook else None,
    }


def result_view(stored: StoredJob, name: str, fields: ResultFields) -> dict[str, Any]:
    """One step's result: a field is null until the step has got so far, and when it has failed."""
    record = stored.job.steps[name]
    result = {} if record.status is Status.FAILED else stored.results.get(name, {})
    problem = record.problem.model_dump() if record.problem else None
    shown = {field: result.get(field) for field in fields.get(name, list(result))}
    return {"status": record.status, **shown, "problem": problem}


def _progress(job: Job) -> dict[str, int]:
    shares = [_share(step) for step in job.steps.values()]
    share = sum(shares) / len(shares)
    total = job.article.segments
    return {
        "segments_done": int(share * total),
        "segments_total": total,
        "percent": int(share * 100),
    }


def _share(step: StepRecord) -> float:
    """Of the step's work, 0 to 1; all of it only when the result is there."""
    if step.status is Status.SUCCEEDED:
        return 1.0
    return min(0.99, step.segments_done / step.segments_total) if step.segments_total else 0.0
