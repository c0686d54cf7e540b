"""Meaning: what a schema cannot say of a submission, told to Schemathesis as hooks."""

from collections.abc import Mapping, Sequence
from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

from api.files.errors import FILE_ERRORS
from tests.jobs_over_http import ARABIC

# Refused for what the text says, what is installed, or what was sent before: no schema foretells that.
_OF_MEANING = {
    "empty-article",
    "unsupported-language",
    "unknown-model",
    "unknown-glossary",
    "invalid-glossary",
    "forbidden-webhook",
    "idempotency-mismatch",
    "unsupported-media-type",  # of a file in a form
    *(error.code for error in FILE_ERRORS),
}
_MOST_CHARACTERS = 200  # of which a segment or two are made: the cases are to be many, not long


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Most submissions that follow the schema begin in Arabic and name no webhook: they are worked on."""
    body = case.body
    if case.meta is None or not case.meta.generation.mode.is_positive or not isinstance(body, dict):
        return
    article = body.get("article")
    if isinstance(article, dict) and isinstance(article.get("text"), str) and len(article["text"]) % 5:
        article["text"] = f"{ARABIC} {article['text']}"[:_MOST_CHARACTERS]
        body.pop("webhook", None)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    problem = response.json()
    fields = problem.get("errors", ())
    if problem["code"] == "invalid-batch":
        return not all(_is_of_meaning(field["code"], [field]) for field in fields)
    return not _is_of_meaning(problem["code"], fields)


def _is_of_meaning(code: str, fields: Sequence[Mapping[str, Any]]) -> bool:
    """Of the text, of what is installed, or of options that do not go together."""
    options = [field["pointer"] for field in fields]
    return code in _OF_MEANING or (bool(options) and all(it.startswith("/options") for it in options))
