"""The contract of a step: its options, its result, its queue and how it runs."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from models.article import Article
from models.engines import Engines
from models.installed import ModelInfo
from models.segment_cache import NoCache, SegmentCache


class StepModel(BaseModel):
    """The base of options and results: no field that the contract does not name, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NoOptions(StepModel):
    """A step without options."""


@dataclass(frozen=True)
class Counts:
    """What a step did with the article's segments; the job's receipt comes from here."""

    segments_out: int
    truncated: int = 0
    flagged: int = 0
    from_cache: int = 0


@dataclass(frozen=True)
class Context:
    """What a step may use besides the article.

    `progress(done, total)`, in segments, is to be called between batches: it keeps the step's lease
    alive and raises when the job was cancelled, so that the work stops there.
    """

    engines: Engines
    results: Mapping[str, Mapping[str, Any]]  # of the steps named in `after`
    progress: Callable[[int, int], None]
    show: Callable[[int, int, Mapping[str, Any]], None]  # progress, with what there is of the result
    shown: Mapping[str, Any] | None = None  # what an attempt that was lost has shown
    segments: SegmentCache = field(default_factory=NoCache)


# A choice of glossary as what the job keeps of it; raises a KhulasaError for one that does not exist.
Glossaries = Callable[[Any], Any]

OptionsT = TypeVar("OptionsT", bound=StepModel)
ResultT = TypeVar("ResultT", bound=StepModel)


class Step(ABC, Generic[OptionsT, ResultT]):
    """One thing done to an article. A file in models/steps holds one subclass, and that is all it takes."""

    name: ClassVar[str]
    queue: ClassVar[str]  # one of jobs.queue.QUEUES
    after: ClassVar[tuple[str, ...]] = ()  # steps whose results it needs; they are added to the job
    counts_segments: ClassVar[bool] = False  # whether the job's receipt comes from this step
    options: type[OptionsT]  # as the job keeps them
    result: type[ResultT]
    submitted: type[StepModel] | None = None  # the options as clients give them, if not the same

    def settle(self, submitted: Mapping[str, Any], glossaries: Glossaries) -> OptionsT:
        """The options that the job keeps; `submitted` are those of every step, by name."""
        own: OptionsT = submitted[self.name]
        return own

    def check(self, options: OptionsT, engines: Engines) -> None:
        """Raises a KhulasaError for options that cannot be met; asked when the article is submitted."""

    def models(self, engines: Engines) -> Sequence[ModelInfo]:
        """What can do this step here, the default first; reads no weights."""
        return []

    def default_model(self, engines: Engines) -> str | None:
        """The name of the one that runs where none is asked for; None where that one is missing."""
        return None

    def fingerprint(self, options: OptionsT, engines: Engines) -> str:
        """What decides the result besides the article and the options: the models that would do it now."""
        return ""

    def rebase(self, result: dict[str, Any], article: Article) -> dict[str, Any]:
        """The result for another article of the same normal form, as that article would have given it."""
        return result

    @abstractmethod
    def run(self, article: Article, options: OptionsT, context: Context) -> tuple[ResultT, Counts | None]:
        """Raises a KhulasaError, whose detail becomes the step's problem."""

    def text(self, result: Mapping[str, Any]) -> str:
        """The result as plain text."""
        return str(result["text"])
