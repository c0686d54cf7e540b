"""The English translation: one English text for each segment of the article, none left out."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from models.article import Article
from models.engines import Engines
from models.engines.contract import Progress
from models.installed import ModelInfo
from models.step import Context, Counts, Step, StepModel
from models.text.fidelity import flags

_WINDOW = 16  # segments whose translation is shown together: an article's first sentences come early


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
        name = translator.model.name
        total = len(article.segments)
        segments, truncated = self._shown(name, context)
        while len(segments) < total:
            first = len(segments)
            window = article.sources[first : first + _WINDOW]
            targets = translator.translate(window, _after(first, total, context))
            truncated += sum(target.truncated for target in targets)
            segments += [
                _translated(article, first + place, target.text) for place, target in enumerate(targets)
            ]
            shown = [segment.model_dump() for segment in segments]
            part = {"model": name, "text": None, "segments": shown, "truncated": truncated}
            context.show(len(segments), total, part)
        counts = Counts(
            segments_out=sum(bool(segment.target) for segment in segments),
            truncated=truncated,
            flagged=sum(bool(segment.flags) for segment in segments),
        )
        text = article.join([segment.target for segment in segments])
        return TranslationResult(model=name, text=text, segments=segments), counts

    def _shown(self, model: str, context: Context) -> tuple[list[TranslatedSegment], int]:
        """What a lost attempt with the same model has translated, and how many of it were truncated."""
        if not context.shown or context.shown["model"] != model:
            return [], 0
        segments = [TranslatedSegment.model_validate(it) for it in context.shown["segments"]]
        return segments, context.shown["truncated"]


def _after(first: int, total: int, context: Context) -> Progress:
    """Progress within a window as progress within the article."""
    return lambda done, _: context.progress(first + done, total)


def _translated(article: Article, index: int, target: str) -> TranslatedSegment:
    segment, source = article.segments[index], article.sources[index]
    return TranslatedSegment(
        index=index,
        source=source,
        target=target,
        start=segment.start,
        end=segment.end,
        flags=flags(source, target),
    )
