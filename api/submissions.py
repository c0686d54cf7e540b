"""Submissions: the body of `POST /v1/jobs`, checked field by field and made into a job."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, create_model
from pydantic.types import StringConstraints

from api.caller import owner
from api.files import ExtractedText
from api.glossaries import ChosenGlossaries
from api.problems import from_validation
from api.strict import WHOLE, Strict
from api.webhooks import AllowedWebhooks
from api.work import work_of
from jobs.errors import ArticleTooLong, EmptyArticle, UnsupportedLanguage
from jobs.ids import new_id
from jobs.job import ArticleFacts, Job, Receipt, StepRecord, Webhook
from jobs.queue import BULK
from jobs.settings import Settings
from jobs.store import utc_now
from models.article import Article
from models.engines import Engines
from models.step import Glossaries
from models.steps import Steps
from models.text.language import UNKNOWN, detect

_TEXT = "/article/text"
_Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Value = Annotated[str, StringConstraints(max_length=1_000)]

Lane = Literal["interactive", "bulk"]


class ArticleSubmission(Strict):
    text: str = Field(description="The article in Arabic; offsets in the results count its characters.")
    title: str | None = Field(None, max_length=1_000)
    reference: str | None = Field(None, max_length=200, description="Your own name for it, echoed back.")


class WebhookSubmission(Strict):
    url: str = Field(description="An https URL at a public address; docs/webhooks.md says more.")
    events: list[Literal["job.succeeded", "job.failed"]] = Field(
        ["job.succeeded", "job.failed"], min_length=1, max_length=2
    )


class Submission(Strict):
    """`steps` and `options` are narrowed by `submission_model` to the steps that exist."""

    article: ArticleSubmission
    steps: list[str]
    options: Any = None
    webhook: WebhookSubmission | None = Field(None, description="Who is told when the job has ended.")
    metadata: dict[_Key, _Value] = Field({}, max_length=50, description="Echoed back.")
    lane: Lane = Field("interactive", description="`bulk` within a batch.")
    ttl_seconds: Annotated[int, Field(ge=60), WHOLE] | None = None


def submission_model(steps: Steps) -> type[Submission]:
    """A step's options appear under its own name, so that adding a step adds its options."""
    fields: dict[str, Any] = {}
    for name, step in steps.items():
        given = step.submitted or step.options
        fields[name] = (given, Field(default_factory=given))
    options = create_model("Options", __base__=Strict, **fields)
    names: Any = list[_one_of(steps)]  # type: ignore[misc]  # known only once the steps are loaded
    return create_model(
        "Submission",
        __base__=Submission,
        steps=(names, Field(list(steps), min_length=1)),
        options=(options, Field(default_factory=options)),
    )


def _one_of(steps: Steps) -> Any:
    """A type whose values are the names of the steps, which are known only once they are loaded."""
    return Literal[tuple(steps)]


class Intake:
    """Raises the KhulasaError that tells the client what to mend."""

    def __init__(
        self,
        steps: Steps,
        engines: Engines,
        glossaries: ChosenGlossaries,
        webhooks: AllowedWebhooks,
        settings: Settings,
    ) -> None:
        self.model = submission_model(steps)
        self._steps = steps
        self._engines = engines
        self._glossaries = glossaries
        self._webhooks = webhooks
        self._settings = settings

    def read(
        self, body: bytes, lane: Lane = "interactive", found: ExtractedText | None = None
    ) -> tuple[Job, str]:
        """The job and the article's text.

        `lane` is that of a submission which names none; `found` is what an uploaded text was found in.
        """
        try:
            submission = self.model.model_validate_json(body)
        except ValidationError as error:
            raise from_validation(error) from None
        language = self._check_text(submission.article.text)
        if submission.webhook:
            self._webhooks.check(submission.webhook.url, owner(), now=utc_now())
        if "lane" not in submission.model_fields_set:
            submission.lane = lane
        job = self._job(submission, language)
        if found:
            job.article.kind, job.article.encoding = found.kind, found.encoding or "utf-8"
        return job, submission.article.text

    def _check_text(self, text: str) -> str:
        limit = self._settings.max_article_chars
        if len(text) > limit:
            raise ArticleTooLong(f"{_TEXT} has {len(text)} characters, the limit is {limit}; split it")
        if not text.strip():
            raise EmptyArticle([(_TEXT, "is empty; send the article's text")])
        detection = detect(text)
        if not detection.is_arabic:
            language = detection.language
            found = "no language at all" if language == UNKNOWN else f"the language {language}"
            raise UnsupportedLanguage([(_TEXT, f"looks like {found}; send an article in Arabic")])
        return detection.language

    def _job(self, submission: Submission, language: str) -> Job:
        article = Article(submission.article.text)
        segments = len(article.segments)
        glossaries = self._kept_glossaries(article)
        steps = {
            name: self._step(name, submission, segments, glossaries) for name in self._needed(submission)
        }
        told = submission.webhook
        now = utc_now()
        return Job(
            id=new_id(),
            created_at=now,
            ttl_seconds=min(
                submission.ttl_seconds or self._settings.ttl_seconds, self._settings.max_ttl_seconds
            ),
            article=ArticleFacts(
                title=submission.article.title,
                reference=submission.article.reference,
                characters=len(article.text),
                segments=segments,
                language=language,
            ),
            steps=steps,
            work=work_of(article, steps, self._steps, self._engines),
            lane=submission.lane,
            metadata=submission.metadata,
            webhook=Webhook.model_validate(told.model_dump()) if told else None,
        )

    def _needed(self, submission: Submission) -> list[str]:
        """The steps asked for and those that they need, needs first."""
        wanted = set(submission.steps)
        for name in reversed(self._steps):
            if name in wanted:
                wanted |= set(self._steps[name].after)
        return [name for name in self._steps if name in wanted]

    def _kept_glossaries(self, article: Article) -> Glossaries:
        """Looks a choice up once, so that all steps keep the same revision."""
        kept: list[tuple[Any, Any]] = []

        def of(choice: Any) -> Any:
            for known, glossary in kept:
                if known == choice:
                    return glossary
            kept.append((choice, self._glossaries.kept(choice, article.text, owner())))
            return kept[-1][1]

        return of

    def _step(self, name: str, submission: Submission, segments: int, glossaries: Glossaries) -> StepRecord:
        step = self._steps[name]
        options = step.settle(dict(submission.options), glossaries)
        step.check(options, self._engines)
        return StepRecord(
            queue=BULK if submission.lane == "bulk" else step.queue,
            after=list(step.after),
            options=options.model_dump(mode="json"),
            segments_total=segments,
            receipt=Receipt(segments_in=segments) if step.counts_segments else None,
        )
