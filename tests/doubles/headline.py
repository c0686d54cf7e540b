"""A step as somebody new to the code would add it: the article's first segment, cut to some words."""

from pydantic import Field

from models.article import Article
from models.step import Context, Counts, Step, StepModel


class HeadlineOptions(StepModel):
    words: int = Field(8, ge=1, le=30)


class HeadlineResult(StepModel):
    text: str
    segment: int


class Headline(Step[HeadlineOptions, HeadlineResult]):
    name = "headline"
    queue = "summary"
    options = HeadlineOptions
    result = HeadlineResult

    def run(
        self, article: Article, options: HeadlineOptions, context: Context
    ) -> tuple[HeadlineResult, Counts | None]:
        words = article.sources[0].split()[: options.words]
        return HeadlineResult(text=" ".join(words), segment=0), None
