"""A step whose weights take as long to load as it is told."""

import time

from models.article import Article
from models.step import Context, Counts, Step, StepModel


class LoadingOptions(StepModel):
    seconds: float = 0.0


class LoadingResult(StepModel):
    text: str


class Loading(Step[LoadingOptions, LoadingResult]):
    name = "loading"
    queue = "bulk"
    options = LoadingOptions
    result = LoadingResult

    def run(
        self, article: Article, options: LoadingOptions, context: Context
    ) -> tuple[LoadingResult, Counts | None]:
        with context.engines._while_loading():
            time.sleep(options.seconds)
        return LoadingResult(text="loaded"), None
