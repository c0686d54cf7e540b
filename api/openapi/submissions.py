"""The operation that submits an article, with everything that it may be refused for."""

from api.files.errors import FILE_ERRORS
from api.openapi import headers
from api.openapi.examples import ARTICLE, FINISHED
from api.openapi.words import Json, Operation, answer, body_of
from api.problems import BodyTooLarge
from jobs import errors

_LINKS: Json = {
    name: {"operationId": operation, "parameters": {"job_id": "$response.body#/id"}}
    for name, operation in (
        ("Follow", "followJob"),
        ("Listen", "streamEvents"),
        ("Read", "readResult"),
        ("Erase", "eraseJob"),
    )
}
_TEXT: Json = {"type": "string"}
_IN_JSON: Json = {"type": "string", "contentMediaType": "application/json"}
_FIELDS: Json = {
    "title": _TEXT,
    "reference": _TEXT,
    "steps": {"type": "array", "items": _TEXT, "description": "Repeated, or with commas."},
    "options": _IN_JSON,
    "metadata": _IN_JSON,
    "lane": _TEXT,
    "ttl_seconds": {"type": "integer"},
}
_UPLOADS: Json = {
    "text/plain": {"schema": _TEXT | {"description": "UTF-8 or Windows-1256; other fields in the query."}},
    "text/html": {"schema": _TEXT | {"description": "Its main text is read; other fields in the query."}},
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {"file": {"type": "string", "format": "binary"}} | _FIELDS,
            "required": ["file"],
            "description": "One .txt, .html, .docx or .pdf file.",
        }
    },
}


def submit() -> Operation:
    return Operation(
        name="submitArticle",
        summary="Submit an article",
        description="Only `article.text` is required. The same work (text, steps, options and models) is "
        "answered at once if it was done before, and joined while it is going on.",
        parameters=[headers.PREFER, headers.IDEMPOTENCY_KEY, headers.CACHE_CONTROL],
        body=body_of(
            "Submission",
            shortest={"article": {"text": ARTICLE}},
            with_options={
                "article": {"text": ARTICLE, "title": "خطة جديدة للتعليم", "reference": "cms-4711"},
                "steps": ["summary", "translation"],
                "options": {"summary": {"sentences": 1}},
                "metadata": {"desk": "سياسة"},
                "lane": "interactive",
                "ttl_seconds": 3600,
            },
        )
        | _UPLOADS,
        answers={
            200: answer(
                "The job has ended: it was done before, or ended while the request waited.",
                body_of("Job", finished=FINISHED),
                headers=["Location", "ETag"],
                links=_LINKS,
            ),
            202: answer(
                "The job is accepted; `Location` says where to follow it.",
                body_of("Job"),
                headers=["Location", "Retry-After", "ETag"],
                links=_LINKS,
            ),
        },
        errors=[
            errors.MalformedBody,
            errors.InvalidHeader,
            errors.IdempotencyInFlight,
            errors.JobGone,
            errors.ArticleTooLong,
            BodyTooLarge,
            errors.UnsupportedBody,
            errors.InvalidSubmission,
            *FILE_ERRORS,
            errors.UnknownField,
            errors.EmptyArticle,
            errors.UnsupportedLanguage,
            errors.UnknownModel,
            errors.UnknownGlossary,
            errors.ForbiddenWebhook,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            errors.QueueUnavailable,
            errors.StoreUnavailable,
            errors.StoreFull,
            errors.NoTranslationModel,
            errors.NoSummaryModel,
            errors.BrokenModel,
        ],
    )
