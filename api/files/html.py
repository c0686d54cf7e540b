"""HTML: the main text of a page, or all of its text where no main text stands out."""

import re
import sys

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from api.files.errors import BrokenFile, FileTooComplex, FileWithoutText
from api.files.limits import FileLimits

# trafilatura asks it for languages, which we do not, and it would bring numpy with it.
sys.modules["py3langid"] = None  # type: ignore[assignment]  # this is how Python spells "not to be imported"

_MOST_ELEMENTS = 100_000
_SILENT = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "textarea"}
_INLINE_WORDS = "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd mark q s samp small span"
_INLINE = frozenset((_INLINE_WORDS + " strike strong sub sup time tt u var wbr").split())
_SPACE = re.compile(r"[ \t\n\f\r]+")
_LONGEST_TITLE = 1_000


def read(data: bytes, _limits: FileLimits) -> tuple[str, str | None]:
    """`data` is UTF-8, whatever the page itself says. Raises a KhulasaError."""
    tree = _parse(data)
    title = _title(tree)
    text = _main_text(tree) or body_text(_parse(data))
    if not text:
        raise FileWithoutText("the page has no text of its own; send the article's text instead")
    return text, title


def body_text(tree: HtmlElement) -> str:
    """All text that a reader would see, a line for each block."""
    parts: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append(element.tail or "")
        elif event == "start":
            parts.append(_break(element.tag))
            if element.tag in _SILENT:
                element.clear(keep_tail=True)
            else:
                parts.append(_SPACE.sub(" ", element.text or ""))
        else:
            parts.append(_break(element.tag))
            parts.append(_SPACE.sub(" ", element.tail or ""))
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _parse(data: bytes) -> HtmlElement:
    parser = HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        tree = document_fromstring(data, parser=parser)
    except etree.ParserError:
        raise FileWithoutText("the page is empty; send the article's text instead") from None
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise FileTooComplex("its elements are nested too deeply; send the article's text instead")
    if sum(1 for _ in tree.iter()) > _MOST_ELEMENTS:
        raise FileTooComplex(f"it has more than {_MOST_ELEMENTS} elements; send the article's text instead")
    if tree.tag != "html":
        raise BrokenFile("it is not HTML; send the article's text instead")
    return tree


def _main_text(tree: HtmlElement) -> str | None:
    from trafilatura import extract  # noqa: PLC0415  # after py3langid is blocked, above

    found: str | None = extract(tree, include_comments=False, include_tables=True)
    return found.strip() if found else None


def _title(tree: HtmlElement) -> str | None:
    for path in ('//meta[@property="og:title"]/@content', "//title/text()", "//h1//text()"):
        title = _SPACE.sub(" ", " ".join(tree.xpath(path)[:8])).strip()
        if title:
            return title[:_LONGEST_TITLE]
    return None


def _break(tag: str) -> str:
    return "" if tag in _INLINE else "\n"
