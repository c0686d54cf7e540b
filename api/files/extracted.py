"""What was found in a file: the article's text, and how it was read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExtractedText:
    """`kind` is txt, html, docx or pdf; `encoding` is None where the format leaves no choice."""

    text: str
    title: str | None
    kind: str
    encoding: str | None
