"""The errors of Khulasa: each knows its HTTP status, its stable code and what the reader can do about it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class KhulasaError(Exception):
    """`detail` says what is wrong and the remedy, and never quotes the article."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    retry_after_seconds: int | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidSubmission(KhulasaError):
    """`fields` holds (JSON pointer, what is wrong with it) pairs, the first being the one to mend first."""

    status = 422
    code = "invalid-submission"
    title = "The submission is not valid"

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        pointer, message = fields[0]
        super().__init__(f"{pointer or 'the body'}: {message}")
        self.fields = fields


class UnknownField(InvalidSubmission):
    code = "unknown-field"
    title = "The submission has a field that does not exist"


class EmptyArticle(InvalidSubmission):
    code = "empty-article"
    title = "The article has no text"


class UnsupportedLanguage(InvalidSubmission):
    code = "unsupported-language"
    title = "The article is not in Arabic"


class UnknownModel(InvalidSubmission):
    code = "unknown-model"
    title = "No such model is installed"


class UnknownGlossary(InvalidSubmission):
    code = "unknown-glossary"
    title = "There is no such glossary"


class InvalidGlossary(InvalidSubmission):
    code = "invalid-glossary"
    title = "The glossary is not valid"


class ForbiddenWebhook(InvalidSubmission):
    code = "forbidden-webhook"
    title = "This webhook is not allowed"


class TooManyWaiting(KhulasaError):
    status = 503
    code = "too-many-waiting"
    title = "Too many clients are waiting"
    retry_after_seconds = 5


class InvalidQuery(InvalidSubmission):
    """Its fields are the names of query parameters."""

    code = "invalid-query"
    title = "The query is not valid"


class InvalidHeader(KhulasaError):
    status = 400
    code = "invalid-header"
    title = "A request header is not valid"


class InvalidBatch(KhulasaError):
    """`problems` names line, pointer, code and detail of each, the first being the one to mend first."""

    status = 422
    code = "invalid-batch"
    title = "The batch has articles that are not valid; none was accepted"

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        first = problems[0]
        super().__init__(f"line {first['line']}: {first['pointer']} {first['detail']}")
        self.problems = problems


class BatchTooLarge(KhulasaError):
    status = 413
    code = "batch-too-large"
    title = "The batch has too many articles"


class BatchNotFound(KhulasaError):
    status = 404
    code = "not-found"
    title = "No such batch"


class BatchGone(KhulasaError):
    status = 410
    code = "gone"
    title = "The batch has expired"


class GlossaryNotFound(KhulasaError):
    status = 404
    code = "not-found"
    title = "No such glossary"


class GlossaryChanged(KhulasaError):
    status = 412
    code = "precondition-failed"
    title = "The glossary is not as the request expects it"


class TooManyGlossaries(KhulasaError):
    status = 409
    code = "too-many-glossaries"
    title = "There are too many glossaries"


class MalformedBody(KhulasaError):
    status = 400
    code = "malformed-json"
    title = "The body is not JSON"


class UnsupportedBody(KhulasaError):
    status = 415
    code = "unsupported-media-type"
    title = "The body is of a type that is not accepted"


class ArticleTooLong(KhulasaError):
    status = 413
    code = "article-too-long"
    title = "The article is too long"


class Unauthorized(KhulasaError):
    """`reason` is for `WWW-Authenticate`; None where no key was given (RFC 6750, section 3.1)."""

    status = 401
    code = "unauthorized"
    title = "A valid API key is needed"

    def __init__(self, detail: str, reason: str | None = None) -> None:
        super().__init__(detail)
        self.challenge = 'Bearer realm="khulasa"'
        if reason:
            self.challenge += f', error="invalid_token", error_description="{reason}"'


class OpenService(KhulasaError):
    status = 403
    code = "open-service"
    title = "Without API keys only this machine is answered"


class RateLimited(KhulasaError):
    status = 429
    code = "rate-limited"
    title = "Too many requests"

    def __init__(self, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class JobNotFound(KhulasaError):
    status = 404
    code = "not-found"
    title = "No such job"


class ResultNotRequested(KhulasaError):
    status = 404
    code = "not-requested"
    title = "The job was not asked for this result"


class JobGone(KhulasaError):
    status = 410
    code = "gone"
    title = "The job has expired or was deleted"


class IdempotencyMismatch(KhulasaError):
    status = 422
    code = "idempotency-mismatch"
    title = "The idempotency key belongs to another submission"


class IdempotencyInFlight(KhulasaError):
    status = 409
    code = "idempotency-in-flight"
    title = "The submission with this idempotency key is still being answered"
    retry_after_seconds = 1


class ResultNotReady(KhulasaError):
    status = 409
    code = "not-ready"
    title = "The result is not ready yet"
    retry_after_seconds = 1


class DeliveryNotFound(KhulasaError):
    status = 404
    code = "not-found"
    title = "No such delivery"


class DeliveryInFlight(KhulasaError):
    status = 409
    code = "delivery-in-flight"
    title = "The delivery is just being attempted"
    retry_after_seconds = 1


class NoWebhookSecret(KhulasaError):
    status = 409
    code = "no-webhook-secret"
    title = "There is no secret of yours that signs webhooks"


class TooManySecrets(KhulasaError):
    status = 409
    code = "too-many-secrets"
    title = "Too many of your secrets sign at once"


class LookupsBusy(KhulasaError):
    status = 503
    code = "lookups-busy"
    title = "Names of receivers are looked up too slowly"
    retry_after_seconds = 5


class StepFailed(KhulasaError):
    status = 409
    code = "step-failed"
    title = "The step failed, so there is no result"


class QueueFull(KhulasaError):
    status = 503
    code = "queue-full"
    title = "Too many jobs are waiting"
    retry_after_seconds = 30


class QueueUnavailable(KhulasaError):
    status = 503
    code = "queue-unavailable"
    title = "The job could not be queued"
    retry_after_seconds = 5


class StoreUnavailable(KhulasaError):
    status = 503
    code = "store-unavailable"
    title = "The job store does not answer"
    retry_after_seconds = 5


class StoreFull(StoreUnavailable):
    code = "store-full"
    title = "The job store is full"
    retry_after_seconds = 60


class NoWorker(KhulasaError):
    status = 503
    code = "no-worker"
    title = "A queue has no worker"
    retry_after_seconds = 5


class NoModel(KhulasaError):
    status = 503
    code = "no-model"
    title = "No such model is installed"


class NoTranslationModel(NoModel):
    code = "no-translation-model"
    title = "No translation model is installed"


class NoSummaryModel(NoModel):
    code = "no-summary-model"
    title = "No model that writes summaries is installed"


class BrokenModel(KhulasaError):
    status = 503
    code = "broken-model"
    title = "The model cannot be loaded"


class DependencyFailed(KhulasaError):
    code = "dependency-failed"
    title = "A step that this one needs has failed"


class IncompleteTranslation(KhulasaError):
    """A defect of ours."""

    code = "incomplete-translation"
    title = "The translation would not have been complete"


class Poisoned(KhulasaError):
    code = "poisoned"
    title = "Every attempt at this step ended with a lost worker"


class StepCrashed(KhulasaError):
    code = "step-crashed"
    title = "The step ended with an error on our side"


class Fenced(KhulasaError):
    """A late attempt: the step has another owner, is over, or its job is gone. Its work is thrown away."""

    code = "fenced"
    title = "This attempt no longer owns the step"
