"""Markup: HTML cut into what is translated and what is kept to the letter."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from api.compat.inline import Mark, Tree, phrases, tree_of
from api.compat.passages import Translated
from api.compat.placement import placed
from models.article import Article
from models.text.arabic import count_arabic_letters

Kind = Literal["text", "mark", "boundary"]

# Possessive throughout, and what has no end runs to the end of the text: each character is read once.
_ATTRIBUTE = r"=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?+)?+"
_TOKEN = re.compile(
    rf"""(?P<comment><!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+>?|</(?:>|[^A-Za-z>][^>]*+>?))
    |(?P<tag><(?P<slash>/?)(?P<name>[A-Za-z][^\s/>]*+)(?:[\s/]++|{_ATTRIBUTE}|=)*+>)
    |(?P<text>(?:[^<]|<(?![A-Za-z!?/]))++)
    |(?P<rest>.+)""",
    re.DOTALL | re.VERBOSE,
)
# Their content is not markup, and no text that a reader sees as such.
_RAW = {"script", "style", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"}
# fmt: off
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
}
# fmt: on
_VOID = {"img", "wbr"}
# "Home | News": what it parts is no sentence.
_SEPARATOR = re.compile(r"\s*[|•·›»][\s|•·›»]*")
_BLANK = " \t\n\r\f"
_SPACE = re.compile(f"[{_BLANK}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """`is_open` and `is_close` are both false for what stands alone."""

    kind: Kind
    raw: str
    name: str = ""
    is_open: bool = False
    is_close: bool = False


@dataclass
class Run:
    """What stands between two boundaries: text, and tags that a sentence may have inside."""

    keeps_space: bool
    tokens: list[Token] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return "".join(token.raw for token in self.tokens)

    @cached_property
    def text(self) -> str:
        """As a reader sees it: entities are characters, and white space is one space."""
        return "".join(self._shown(token) for token in self.tokens)

    @cached_property
    def tree(self) -> Tree:
        marks, offset = [], 0
        for token in self.tokens:
            if token.kind == "mark":
                marks.append(Mark(offset, token.raw, token.name, token.is_open, token.is_close))
            offset += len(self._shown(token))
        return tree_of(self.text, marks)

    def passages(self) -> list[str]:
        """The run's text, and apart from it that of each tag whose place in English must be found."""
        if not count_arabic_letters(self.text):
            return []
        sentences = [(it.start, it.end) for it in Article(self.text).segments]
        return [self.text, *phrases(self.text, self.tree, sentences)]

    def rendered(self, translated: Translated) -> str:
        if self.text not in translated or not count_arabic_letters(self.text):
            return self.raw
        return placed(self.text, self.tree, translated)

    def _shown(self, token: Token) -> str:
        if token.kind != "text":
            return ""
        text = html.unescape(token.raw)
        return text if self.keeps_space else _SPACE.sub(" ", text)


class Markup:
    """HTML that need not be whole: what is broken before is no more broken after."""

    def __init__(self, source: str) -> None:
        self._parts = list(_parts(source))

    @property
    def text(self) -> str:
        return "\n".join(part.text for part in self._parts if isinstance(part, Run))

    def passages(self) -> list[str]:
        return [it for part in self._parts if isinstance(part, Run) for it in part.passages()]

    def rendered(self, translated: Translated) -> str:
        return "".join(part if isinstance(part, str) else part.rendered(translated) for part in self._parts)


def _parts(source: str) -> Iterator[str | Run]:
    """Runs, and as strings what lies between them."""
    preformatted = depth = 0
    run = Run(keeps_space=False)
    for token in _tokens(source):
        parts = token.kind == "text" and not depth and _SEPARATOR.fullmatch(token.raw)
        if token.kind != "boundary" and not parts:
            depth = max(0, depth + token.is_open - token.is_close)
            run.tokens.append(token)
            continue
        depth = 0
        yield from _trimmed(run)
        yield token.raw
        if token.name == "pre":
            preformatted = max(0, preformatted + token.is_open - token.is_close)
        run = Run(keeps_space=preformatted > 0)
    yield from _trimmed(run)


def _trimmed(run: Run) -> Iterator[str | Run]:
    """White space at the edges of a run is only there to be read in the source: it is kept to the letter."""
    head = tail = ""
    if run.tokens and run.tokens[0].kind == "text":
        raw = run.tokens[0].raw
        head = raw[: len(raw) - len(raw.lstrip(_BLANK))]
        run.tokens[0] = Token("text", raw[len(head) :])
    if run.tokens and run.tokens[-1].kind == "text":
        raw = run.tokens[-1].raw
        tail = raw[len(raw.rstrip(_BLANK)) :]
        run.tokens[-1] = Token("text", raw[: len(raw) - len(tail)])
    yield from (head, run, tail)


def _tokens(source: str) -> Iterator[Token]:
    place = 0
    while found := _TOKEN.match(source, place):
        place = found.end()
        name = (found["name"] or "").lower()
        if found["text"]:
            yield Token("text", found[0])
        elif found["comment"]:
            yield Token("mark", found[0])
        elif found["rest"]:
            yield Token("boundary", found[0])
        elif name in _INLINE:
            alone = name in _VOID
            yield Token("mark", found[0], name, not found["slash"] and not alone, bool(found["slash"]))
        else:
            if name in _RAW and not found["slash"]:
                place = _end_of_raw(source, name, place)
            yield Token(
                "boundary", source[found.start() : place], name, not found["slash"], bool(found["slash"])
            )


def _end_of_raw(source: str, name: str, place: int) -> int:
    end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, place)
    return end.start() if end else len(source)
