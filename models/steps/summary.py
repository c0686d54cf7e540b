"""The Arabic summary: the article's own most telling sentences, or a model's words for what it says."""

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from jobs.errors import BrokenModel, InvalidSubmission, NoModel, UnknownModel
from models.article import Article
from models.engines import Engines
from models.engines.contract import AbstractiveSummary
from models.engines.extractive import DEFAULT_SENTENCES, excerpts, is_heading, summarise
from models.installed import ModelInfo
from models.step import Context, Counts, Step, StepModel
from models.text.faithfulness import unsupported
from models.text.fidelity import loops
from models.text.nearest import nearest

_EXTRACTIVE = ModelInfo(
    name="khulasa-extractive-1", licence="Apache-2.0", source_language="ar", target_language="ar"
)
_CHOICE = f"{_EXTRACTIVE.name} 2"  # the number changes with what it chooses
_METHOD, _MODEL = "/options/summary/method", "/options/summary/model"
_FEWEST_WORDS = 10


class SummaryOptions(StepModel):
    method: Literal["auto", "extractive", "abstractive"] = Field(
        "auto",
        description="extractive: sentences of the article; abstractive: a model's own words; auto: "
        "abstractive unless no summary model is installed or its text is flagged, else extractive.",
    )
    model: str | None = Field(None, description="A name from /v1/models; the default one if null.")
    sentences: int | None = Field(
        None, ge=1, le=100, description="How many sentences, at most; 3 if no length is given."
    )
    ratio: float | None = Field(None, gt=0, le=1, description="About which share of the article's words.")
    words: int | None = Field(None, ge=1, le=10_000, description="About how many words.")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(it is not None for it in (self.sentences, self.ratio, self.words)) > 1:
            raise ValueError("give one of sentences, ratio and words")
        return self

    @property
    def is_extractive(self) -> bool:
        """Asked for by method or by name."""
        return self.method == "extractive" or self.model == _EXTRACTIVE.name


class SummarySentence(StepModel):
    text: str = Field(
        description="In an extractive summary its segment to the letter, but for an opening (on the other "
        "hand; also) that only joins it to a sentence that was left out."
    )
    segments: list[int] = Field(description="Indices of the segments that it was taken from or rests on.")


class SummaryReceipt(StepModel):
    """Proof that the whole article was read."""

    segments_in: int
    segments_read: int
    parts: int = Field(description="In how many parts it was read; over 1 if it is over the model's window.")
    truncated: int = Field(description="How many texts the model was stopped in before it ended them.")


class SummaryResult(StepModel):
    text: str
    method: Literal["extractive", "abstractive"] = Field(description="The one that made this text.")
    model: str
    sentences: list[SummarySentence]
    flags: list[str] = Field(
        description="Of an abstractive text: number-unsupported, name-unsupported (a figure, or a name in "
        "foreign letters, that is not in the article), sentence-unsupported (it shares no word with it), "
        "not-condensed (the article is too long for the model to sum up as a whole), unfinished (a "
        "sentence is cut), repetition. Of an extractive one: whole-article (it is no longer than the summary "
        "may be), or fell-back, after why: those above, or model-unavailable (missing, broken, silent)."
    )
    receipt: SummaryReceipt


class Summary(Step[SummaryOptions, SummaryResult]):
    name = "summary"
    queue = "summary"
    options = SummaryOptions
    result = SummaryResult

    def check(self, options: SummaryOptions, engines: Engines) -> None:
        method = "extractive" if options.model == _EXTRACTIVE.name else "abstractive"
        if options.model and options.method not in ("auto", method):
            raise InvalidSubmission([(_MODEL, f"is not for the method {options.method}; leave one out")])
        if options.is_extractive:
            return
        if options.method == "abstractive" and not engines.summary.available():
            remedy = "pull one (`khulasa models list` names them) or ask for auto or extractive"
            raise UnknownModel([(_METHOD, f"needs a summary model, and none is installed; {remedy}")])
        if options.model is not None:
            engines.summary.choose(options.model)

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        return [*(model.info() for model in engines.summary.available()), _EXTRACTIVE]

    def fingerprint(self, options: SummaryOptions, engines: Engines) -> str:
        if options.is_extractive or not engines.summary.available():
            return _CHOICE
        return engines.summary.choose(options.model).fingerprint

    def rebase(self, result: dict[str, Any], article: Article) -> dict[str, Any]:
        """Sentences that were taken from the article are this article's own."""
        if result["method"] != "extractive":
            return result
        chosen = [index for told in result["sentences"] for index in told["segments"]]
        texts = excerpts(article.sources, chosen)
        sentences = [told | {"text": text} for told, text in zip(result["sentences"], texts, strict=True)]
        return result | {"sentences": sentences, "text": " ".join(told["text"] for told in sentences)}

    def default_model(self, engines: Engines) -> str | None:
        return engines.summary.default_name() or _EXTRACTIVE.name

    def run(
        self, article: Article, options: SummaryOptions, context: Context
    ) -> tuple[SummaryResult, Counts | None]:
        chosen = _choose(article, options)
        total = len(article.segments)
        if len(chosen) == total:
            result = _extractive(article, chosen, ["whole-article"])
        elif options.is_extractive:
            result = _extractive(article, chosen, [])
        else:
            result = _abstractive_or_not(article, chosen, options, context)
        context.progress(total, total)
        return result, None


def _abstractive_or_not(
    article: Article, chosen: Sequence[int], options: SummaryOptions, context: Context
) -> SummaryResult:
    """Under auto the extractive summary stands in for one that cannot be had or is doubtful."""
    try:
        summariser = context.engines.summariser(options.model)
        written = summariser.summarise(article.sources, _words(article, options), context.progress)
    except (NoModel, BrokenModel, UnknownModel) as error:
        if options.method == "abstractive":
            raise
        nothing_chosen = options.model is None and not context.engines.summary.is_set
        none_installed = isinstance(error, NoModel) and nothing_chosen
        return _extractive(article, chosen, [] if none_installed else ["model-unavailable", "fell-back"])
    result = _abstractive(article, written, summariser.model.name, _most_sentences(options))
    if result.flags and options.method == "auto":
        return _extractive(article, chosen, [*result.flags, "fell-back"])
    return result


def _abstractive(
    article: Article, written: AbstractiveSummary, model: str, most_sentences: int | None
) -> SummaryResult:
    texts = written.sentences[:most_sentences]
    text = " ".join(texts)
    cited = nearest(texts, article.sources)
    flags = unsupported(article.text, text) + written.flags
    if not all(cited):
        flags.append("sentence-unsupported")
    if loops(text) and not loops(article.text):
        flags.append("repetition")
    return SummaryResult(
        text=text,
        method="abstractive",
        model=model,
        sentences=[SummarySentence(text=it, segments=own) for it, own in zip(texts, cited, strict=True)],
        flags=flags,
        receipt=SummaryReceipt(
            segments_in=len(article.segments),
            segments_read=written.segments_read,
            parts=written.parts,
            truncated=written.truncated,
        ),
    )


def _extractive(article: Article, chosen: Sequence[int], flags: list[str]) -> SummaryResult:
    texts = excerpts(article.sources, chosen)
    picked = [SummarySentence(text=text, segments=[index]) for text, index in zip(texts, chosen, strict=True)]
    total = len(article.segments)
    return SummaryResult(
        text=" ".join(sentence.text for sentence in picked),
        method="extractive",
        model=_EXTRACTIVE.name,
        sentences=picked,
        flags=flags,
        receipt=SummaryReceipt(segments_in=total, segments_read=total, parts=1, truncated=0),
    )


def _choose(article: Article, options: SummaryOptions) -> list[int]:
    """The segments of the extractive summary; all of them where the article is short enough."""
    ratio = options.ratio
    if options.words is not None:
        ratio = min(1.0, options.words / _count_words(article.sources))
    return summarise(article.sources, sentences=options.sentences, ratio=ratio)


def _words(article: Article, options: SummaryOptions) -> int:
    """The length asked for in words; a sentence counts as many as the article's have in the mean."""
    if options.words is not None:
        return options.words
    if options.ratio is not None:
        return max(_FEWEST_WORDS, round(options.ratio * _count_words(article.sources)))
    bodies = [text for text in article.sources if not is_heading(text)] or article.sources
    sentences = options.sentences or DEFAULT_SENTENCES
    return max(_FEWEST_WORDS, round(sentences * _count_words(bodies) / len(bodies)))


def _most_sentences(options: SummaryOptions) -> int | None:
    return options.sentences or (None if options.ratio or options.words else DEFAULT_SENTENCES)


def _count_words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)
