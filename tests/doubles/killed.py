"""A step that takes its process down with it, every time."""

import os
import signal

from models.article import Article
from models.step import Context, Counts, NoOptions, Step, StepModel


class KilledResult(StepModel):
    text: str


class Killed(Step[NoOptions, KilledResult]):
    name = "killed"
    queue = "bulk"
    options = NoOptions
    result = KilledResult

    def run(
        self, article: Article, options: NoOptions, context: Context
    ) -> tuple[KilledResult, Counts | None]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("still alive")
