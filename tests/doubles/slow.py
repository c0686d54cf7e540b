"""A step that takes as long as it is told to, with progress, so that a test can meet it half done."""

import time

from models.article import Article
from models.step import Context, Counts, Step, StepModel


class SlowOptions(StepModel):
    batches: int = 1
    seconds: float = 0.0  # each


class SlowResult(StepModel):
    text: str


class Slow(Step[SlowOptions, SlowResult]):
    name = "slow"
    queue = "bulk"
    options = SlowOptions
    result = SlowResult

    def run(
        self, article: Article, options: SlowOptions, context: Context
    ) -> tuple[SlowResult, Counts | None]:
        for batch in range(options.batches):
            time.sleep(options.seconds)
            context.progress(batch, options.batches)
        return SlowResult(text="done"), None
