"""The English summary: the sentences of the Arabic summary, translated."""

from collections.abc import Sequence

from models.article import Article
from models.engines import Engines
from models.installed import ModelInfo
from models.step import Context, Counts, NoOptions, Step, StepModel
from models.steps.summary import SummarySentence


class EnglishSummaryResult(StepModel):
    text: str
    model: str
    sentences: list[SummarySentence]


class EnglishSummary(Step[NoOptions, EnglishSummaryResult]):
    name = "english_summary"
    queue = "translation"
    after = ("summary",)
    options = NoOptions
    result = EnglishSummaryResult

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [model.info() for model in engines.translation.available()]

    def fingerprint(self, options: NoOptions, engines: Engines) -> str:
        return engines.translation.choose().fingerprint

    def run(
        self, article: Article, options: NoOptions, context: Context
    ) -> tuple[EnglishSummaryResult, Counts | None]:
        arabic = [SummarySentence.model_validate(it) for it in context.results["summary"]["sentences"]]
        translator = context.engines.translator()
        targets = translator.translate([sentence.text for sentence in arabic], context.progress)
        english = [
            SummarySentence(text=target.text, segments=sentence.segments)
            for sentence, target in zip(arabic, targets, strict=True)
        ]
        text = " ".join(sentence.text for sentence in english)
        return EnglishSummaryResult(text=text, model=translator.model.name, sentences=english), None
