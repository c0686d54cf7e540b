"""The English translation: one English text for each segment of the article, none left out."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from models.article import Article
from models.engines import Engines
from models.installed import ModelInfo
from models.step import Context, Counts, Step, StepModel
from models.text.fidelity import flags


class TranslationOptions(StepModel):
    model: str | None = Field(None, description="A name from /v1/models; the default one if null.")
    glossary: None = Field(None, description="Reserved for glossaries; only null is accepted so far.")


class TranslatedSegment(StepModel):
    index: int
    source: str = Field(description="As submitted.")
    target: str
    start: int = Field(description="Offset of the first character in the submitted text.")
    end: int = Field(description="Offset after the last character.")
    flags: list[str] = Field(description="What a reader should look at twice.")


class TranslationResult(StepModel):
    model: str
    text: str
    segments: list[TranslatedSegment]


class Translation(Step[TranslationOptions, TranslationResult]):
    name = "translation"
    queue = "translation"
    counts_segments = True
    options = TranslationOptions
    result = TranslationResult

    def check(self, options: TranslationOptions, engines: Engines) -> None:
        if options.model is not None:
            engines.translation.choose(options.model)

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [model.info() for model in engines.translation.available()]

    def fingerprint(self, options: TranslationOptions, engines: Engines) -> str:
        return engines.translation.choose(options.model).fingerprint

    def rebase(self, result: dict[str, Any], article: Article) -> dict[str, Any]:
        segments = [
            told | {"source": source, "start": segment.start, "end": segment.end}
            for told, segment, source in zip(
                result["segments"], article.segments, article.sources, strict=True
            )
        ]
        return result | {"segments": segments}

    def run(
        self, article: Article, options: TranslationOptions, context: Context
    ) -> tuple[TranslationResult, Counts | None]:
        translator = context.engines.translator(options.model)
        targets = translator.translate(article.sources, context.progress)
        segments = [
            TranslatedSegment(
                index=segment.index,
                source=source,
                target=target.text,
                start=segment.start,
                end=segment.end,
                flags=flags(source, target.text),
            )
            for segment, source, target in zip(article.segments, article.sources, targets, strict=True)
        ]
        counts = Counts(
            segments_out=sum(bool(segment.target) for segment in segments),
            truncated=sum(target.truncated for target in targets),
            flagged=sum(bool(segment.flags) for segment in segments),
        )
        text = article.join([target.text for target in targets])
        return TranslationResult(model=translator.model.name, text=text, segments=segments), counts
