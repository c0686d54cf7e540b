"""A step that raises, with the article in its message, as a careless library would."""

from models.article import Article
from models.step import Context, Counts, NoOptions, Step, StepModel


class RaisingResult(StepModel):
    text: str


class Raising(Step[NoOptions, RaisingResult]):
    name = "raising"
    queue = "bulk"
    options = NoOptions
    result = RaisingResult

    def run(
        self, article: Article, options: NoOptions, context: Context
    ) -> tuple[RaisingResult, Counts | None]:
        raise RuntimeError(f"could not work on {article.text}")
