"""A step that takes its process down with it, every time, until it is mended."""

import os
import signal
from pathlib import Path

from models.article import Article
from models.step import Context, Counts, Step, StepModel


class KilledOptions(StepModel):
    mended_by: str | None = None  # the path of a file: once it is there the step succeeds


class KilledResult(StepModel):
    text: str


class Killed(Step[KilledOptions, KilledResult]):
    name = "killed"
    queue = "bulk"
    options = KilledOptions
    result = KilledResult

    def run(
        self, article: Article, options: KilledOptions, context: Context
    ) -> tuple[KilledResult, Counts | None]:
        if options.mended_by and Path(options.mended_by).exists():
            return KilledResult(text="alive"), None
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")
