"""Meaning: what a schema cannot say of a submission, told to Schemathesis as hooks."""

from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

from tests.jobs_over_http import ARABIC

# Refused for what the text says, what is installed, or what was sent before: no schema foretells that.
_OF_MEANING = {
    "empty-article",
    "unsupported-language",
    "unknown-model",
    "forbidden-webhook",
    "idempotency-mismatch",
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
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 422:
        return True
    problem = response.json()
    options = [field["pointer"] for field in problem.get("errors", ())]
    is_of_options = bool(options) and all(it.startswith("/options/") for it in options)
    return not (problem["code"] in _OF_MEANING or is_of_options)  # two lengths of a summary, say
