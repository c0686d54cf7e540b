"""The article as steps see it: the submitted text and its segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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

    def join(self, pieces: Sequence[str]) -> str:
        """One piece for each segment, with the article's line breaks between them."""
        joined: list[str] = []
        for segment, piece in zip(self.segments, pieces, strict=True):
            if joined:
                gap = self.text[self.segments[segment.index - 1].end : segment.start]
                joined.append("\n" * min(gap.count("\n"), 2) or " ")
            joined.append(piece)
        return "".join(joined)
