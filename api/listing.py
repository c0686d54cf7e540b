"""The list of a client's jobs, newest first, a page at a time."""

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from jobs.errors import InvalidQuery
from jobs.job import Job, Status
from jobs.store import JobStore
from jobs.views import job_summary

_COUNT = 50
LIMIT_MOST = 200
REFERENCE_LONGEST = 200  # as in a submission
_LOOKED_AT = 1_000  # in one request; a rare status then takes several pages, some of them empty
ID_PATTERN = "[0-9A-HJKMNP-TV-Z]{26}"  # a ULID


@dataclass(frozen=True)
class ListQuery:
    """`before`: the id that the last page ended with."""

    status: Status | None = None
    reference: str | None = None
    before: str | None = None
    count: int = _COUNT


def read_query(arguments: MultiDict[str, str]) -> ListQuery:
    """Raises InvalidQuery, which names every parameter to mend."""
    unknown = sorted(set(arguments) - {"status", "reference", "cursor", "limit"})
    wrong = [(name[:100], "there is no such parameter; leave it out") for name in unknown]
    wrong += [
        (name, "stands there twice; send one") for name in arguments if len(arguments.getlist(name)) > 1
    ]
    status, cursor, limit = (arguments.get(name) for name in ("status", "cursor", "limit"))
    if status is not None and status not in list(Status):
        wrong.append(("status", f"must be one of {', '.join(Status)}"))
    if cursor is not None and not re.fullmatch(ID_PATTERN, cursor):
        wrong.append(("cursor", "must be the `next` of an earlier page"))
    if len(arguments.get("reference", "")) > REFERENCE_LONGEST:
        wrong.append(("reference", f"has over {REFERENCE_LONGEST} characters, as no article's reference may"))
    if limit is not None and not (re.fullmatch(r"[0-9]{1,3}", limit) and 1 <= int(limit) <= LIMIT_MOST):
        wrong.append(("limit", f"must be a number from 1 to {LIMIT_MOST}"))
    if wrong:
        raise InvalidQuery(wrong)
    return ListQuery(
        status=Status(status) if status else None,
        reference=arguments.get("reference"),
        before=cursor,
        count=int(limit) if limit else _COUNT,
    )


def job_page(store: JobStore, owner: str, query: ListQuery) -> dict[str, Any]:
    """`next` is the cursor of the following page, null on the last."""
    found: list[Job] = []
    before, looked_at = query.before, 0
    while looked_at < _LOOKED_AT:
        ids = store.page(owner, query.reference, before, LIMIT_MOST)
        for job_id, job in zip(ids, store.peek_all(ids), strict=True):
            before, looked_at = job_id, looked_at + 1
            if job and query.status in (None, job.status):
                found.append(job)
            if len(found) == query.count:
                return _page(found, before)
        if len(ids) < LIMIT_MOST:
            return _page(found, None)
    return _page(found, before)


def _page(jobs: list[Job], before: str | None) -> dict[str, Any]:
    return {"jobs": [job_summary(job) for job in jobs], "next": before}
