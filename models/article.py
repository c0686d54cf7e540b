"""The article as steps see it: the submitted text and its segments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from models.text.arabic import for_engine
from models.text.segments import Segment, split


@dataclass(frozen=True)
class Article:
    text: str

    @cached_property
    def segments(self) -> Sequence[Segment]:
        """In reading order; every character outside white space is in exactly one."""
        return split(self.text)

    @cached_property
    def sources(self) -> Sequence[str]:
        """The text of each segment, as submitted."""
        return [self.text[segment.start : segment.end] for segment in self.segments]

    @cached_property
    def normal_form(self) -> Sequence[str]:
        """What engines see of it: two articles of one normal form have the same results, but for offsets."""
        breaks = [min(gap.count("\n"), 2) for gap in self._gaps()]
        breaks[:1] = [0]  # what stands before the first segment is not text
        return [f"{count}{for_engine(source)}" for count, source in zip(breaks, self.sources, strict=True)]

    def _gaps(self) -> Iterator[str]:
        """The white space before each segment."""
        end = 0
        for segment in self.segments:
            yield self.text[end : segment.start]
            end = segment.end

    def join(self, pieces: Sequence[str]) -> str:
        """One piece for each segment, with the article's line breaks between them."""
        joined: list[str] = []
        for gap, piece in zip(self._gaps(), pieces, strict=True):
            if joined:
                joined.append("\n" * min(gap.count("\n"), 2) or " ")
            joined.append(piece)
        return "".join(joined)
