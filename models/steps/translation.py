"""The English translation: one English text for each segment of the article, none left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from models.article import Article
from models.completeness import check_complete
from models.engines import Engines
from models.engines.cached import CachedTranslator
from models.engines.contract import Progress
from models.engines.terminology import SEGMENT_FLAGS, Rendering, Terminology
from models.glossary import Glossary, GlossaryChoice, GlossaryReport
from models.installed import ModelInfo
from models.step import Context, Counts, Glossaries, Step, StepModel

_WINDOW = 16  # segments whose translation is shown together: an article's first sentences come early


class SubmittedTranslationOptions(StepModel):
    model: str | None = Field(None, description="A name from /v1/models; the default one if null.")
    glossary: GlossaryChoice = Field(
        None, description="A name from /v1/glossaries, or Arabic terms with their English (empty: kept)."
    )


class TranslationOptions(StepModel):
    model: str | None = None
    glossary: Glossary | None = None


class TranslatedSegment(StepModel):
    index: int
    source: str = Field(description="As submitted.")
    target: str
    start: int = Field(description="Offset of the first character in the submitted text.")
    end: int = Field(description="Offset after the last character.")
    flags: list[str] = Field(description=f"What a reader should look at twice: {', '.join(SEGMENT_FLAGS)}.")


class TranslationResult(StepModel):
    model: str
    text: str
    segments: list[TranslatedSegment]
    glossary: GlossaryReport | None = Field(None, description="What became of each term of the article.")


class TranslationPart(StepModel):
    """What is shown while it runs, and gone on with by the next attempt."""

    model: str
    text: None = None
    segments: list[TranslatedSegment]
    glossary: GlossaryReport | None = None
    truncated: int
    from_cache: int = 0


class Translation(Step[TranslationOptions, TranslationResult]):
    name = "translation"
    queue = "translation"
    counts_segments = True
    options = TranslationOptions
    result = TranslationResult
    submitted = SubmittedTranslationOptions

    def settle(self, submitted: Mapping[str, Any], glossaries: Glossaries) -> TranslationOptions:
        own: SubmittedTranslationOptions = submitted[self.name]
        return TranslationOptions(model=own.model, glossary=glossaries(own.glossary))

    def check(self, options: TranslationOptions, engines: Engines) -> None:
        if options.model is not None:
            engines.translation.choose(options.model)

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [model.info() for model in engines.translation.available()]

    def default_model(self, engines: Engines) -> str | None:
        return engines.translation.default_name()

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
        translator = CachedTranslator(context.engines.translator(options.model), context.segments)
        name = translator.model.name
        total = len(article.segments)
        part = self._shown(name, context)
        segments, truncated, from_cache = part.segments, part.truncated, part.from_cache
        terminology = Terminology(translator, options.glossary, part.glossary)
        while len(segments) < total:
            first = len(segments)
            window = article.sources[first : first + _WINDOW]
            targets = terminology.translate(window, _after(first, total, context), first=first)
            truncated += sum(target.truncated for target in targets)
            segments += [_translated(article, first + place, target) for place, target in enumerate(targets)]
            from_cache += sum(target.from_cache for target in targets)
            covered = article.text[: segments[-1].end]
            check_complete(covered, first + len(window), segments, truncated)  # before anybody sees it
            part = TranslationPart(
                model=name,
                segments=segments,
                glossary=terminology.report,
                truncated=truncated,
                from_cache=from_cache,
            )
            context.show(len(segments), total, part.model_dump(mode="json"))
        check_complete(article.text, total, segments, truncated)
        counts = Counts(
            segments_out=sum(bool(segment.target) for segment in segments),
            truncated=truncated,
            flagged=sum(bool(segment.flags) for segment in segments),
            from_cache=from_cache,
        )
        text = article.join([segment.target for segment in segments])
        result = TranslationResult(model=name, text=text, segments=segments, glossary=terminology.report)
        return result, counts

    def _shown(self, model: str, context: Context) -> TranslationPart:
        """What a lost attempt with the same model has translated."""
        if not context.shown or context.shown["model"] != model:
            return TranslationPart(model=model, segments=[], truncated=0)
        return TranslationPart.model_validate(context.shown)


def _after(first: int, total: int, context: Context) -> Progress:
    """Progress within a window as progress within the article."""
    return lambda done, _: context.progress(first + done, total)


def _translated(article: Article, index: int, target: Rendering) -> TranslatedSegment:
    segment, source = article.segments[index], article.sources[index]
    return TranslatedSegment(
        index=index,
        source=source,
        target=target.text,
        start=segment.start,
        end=segment.end,
        flags=target.flags,
    )
