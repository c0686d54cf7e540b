"""The English summary: the sentences of the Arabic summary, translated."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from models.article import Article
from models.engines import Engines
from models.engines.cached import CachedTranslator
from models.engines.terminology import Terminology
from models.glossary import Glossary, GlossaryReport
from models.installed import ModelInfo
from models.step import Context, Counts, Glossaries, NoOptions, Step, StepModel
from models.steps.summary import SummarySentence
from models.steps.translation import Translation


class EnglishSummaryOptions(StepModel):
    glossary: Glossary | None = None


class EnglishSummaryResult(StepModel):
    text: str
    model: str
    sentences: list[SummarySentence]
    glossary: GlossaryReport | None = Field(
        None, description="What became of each term of the translation's."
    )


class EnglishSummary(Step[EnglishSummaryOptions, EnglishSummaryResult]):
    name = "english_summary"
    queue = "translation"
    after = ("summary",)
    options = EnglishSummaryOptions
    result = EnglishSummaryResult
    submitted = NoOptions

    def settle(self, submitted: Mapping[str, Any], glossaries: Glossaries) -> EnglishSummaryOptions:
        return EnglishSummaryOptions(glossary=glossaries(submitted[Translation.name].glossary))

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [model.info() for model in engines.translation.available()]

    def default_model(self, engines: Engines) -> str | None:
        return engines.translation.default_name()

    def fingerprint(self, options: EnglishSummaryOptions, engines: Engines) -> str:
        return engines.translation.choose().fingerprint

    def run(
        self, article: Article, options: EnglishSummaryOptions, context: Context
    ) -> tuple[EnglishSummaryResult, Counts | None]:
        arabic = [SummarySentence.model_validate(it) for it in context.results["summary"]["sentences"]]
        translator = CachedTranslator(context.engines.translator(), context.segments)
        terminology = Terminology(translator, options.glossary)
        targets = terminology.translate(
            [sentence.text for sentence in arabic], context.progress, name="sentence"
        )
        english = [
            SummarySentence(text=target.text, segments=sentence.segments)
            for sentence, target in zip(arabic, targets, strict=True)
        ]
        text = " ".join(sentence.text for sentence in english)
        result = EnglishSummaryResult(
            text=text, model=translator.model.name, sentences=english, glossary=terminology.report
        )
        return result, None
