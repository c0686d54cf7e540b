"""A step that never comes back, as a library that waits for itself, until it is mended."""

import threading
from pathlib import Path

from models.article import Article
from models.step import Context, Counts, Step, StepModel


class HungOptions(StepModel):
    mended_by: str = "nowhere"  # the path of a file: an attempt that begins when it is there succeeds


class HungResult(StepModel):
    text: str


class Hung(Step[HungOptions, HungResult]):
    name = "hung"
    queue = "bulk"
    options = HungOptions
    result = HungResult

    def run(
        self, article: Article, options: HungOptions, context: Context
    ) -> tuple[HungResult, Counts | None]:
        if not Path(options.mended_by).exists():
            threading.Event().wait()
        return HungResult(text="mended"), None
