"""The Arabic summary: the article's own most telling sentences, in the order of the article."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from models.article import Article
from models.engines import Engines
from models.engines.extractive import summarise
from models.installed import ModelInfo
from models.step import Context, Counts, Step, StepModel

_MODEL = ModelInfo(
    name="khulasa-extractive-1", licence="Apache-2.0", source_language="ar", target_language="ar"
)


class SummaryOptions(StepModel):
    sentences: int | None = Field(
        None, ge=1, le=100, description="How many sentences; 3 if neither is given."
    )
    ratio: float | None = Field(None, gt=0, le=1, description="Which share of the article's words.")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.sentences is not None and self.ratio is not None:
            raise ValueError("give sentences or ratio, not both")
        return self


class SummarySentence(StepModel):
    text: str
    segments: list[int] = Field(description="Indices of the segments that it was taken from.")


class SummaryResult(StepModel):
    text: str
    method: str
    model: str
    sentences: list[SummarySentence]


class Summary(Step[SummaryOptions, SummaryResult]):
    name = "summary"
    queue = "summary"
    options = SummaryOptions
    result = SummaryResult

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [_MODEL]

    def rebase(self, result: dict[str, Any], article: Article) -> dict[str, Any]:
        """Sentences that were taken from the article are this article's own, to the letter."""
        if result["method"] != "extractive":
            return result
        sentences = [
            told | {"text": " ".join(article.sources[index] for index in told["segments"])}
            for told in result["sentences"]
        ]
        return result | {"sentences": sentences, "text": " ".join(told["text"] for told in sentences)}

    def run(
        self, article: Article, options: SummaryOptions, context: Context
    ) -> tuple[SummaryResult, Counts | None]:
        chosen = summarise(article.sources, sentences=options.sentences, ratio=options.ratio)
        context.progress(len(article.segments), len(article.segments))
        picked = [SummarySentence(text=article.sources[index], segments=[index]) for index in chosen]
        text = " ".join(sentence.text for sentence in picked)
        return SummaryResult(text=text, method="extractive", model=_MODEL.name, sentences=picked), None
