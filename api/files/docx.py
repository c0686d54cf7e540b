"""Word documents: every paragraph in reading order, those of tables and text boxes too, one to a line."""

from collections.abc import Iterator
from io import BytesIO

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from api.files.archive import check_archive
from api.files.errors import FileWithoutText
from api.files.limits import FileLimits
from jobs.errors import ArticleTooLong

_PARAGRAPH = qn("w:p")
_TEXT = qn("w:t")
_PIECES = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
# What was deleted or moved away, and what says for old readers again what was just said for new ones.
_LEFT_OUT = {
    qn("w:del"),
    qn("w:moveFrom"),
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_TABS = qn("w:tabs")
_LONGEST_TITLE = 1_000


def read(data: bytes, limits: FileLimits) -> tuple[str, str | None]:
    """Raises a KhulasaError. Headers, footers and notes are not the article."""
    check_archive(data, limits, "word/document.xml")
    document = Document(BytesIO(data))
    lines: list[str] = []
    characters = 0
    for line in _lines(document.element.body):
        characters += len(line) + 1
        if characters > limits.max_chars + 1:
            raise ArticleTooLong(f"it has more than {limits.max_chars} characters; split it")
        lines.append(line)
    if not lines:
        raise FileWithoutText("the document has no text; if it holds pictures of text, send the text itself")
    return "\n".join(lines), document.core_properties.title.strip()[:_LONGEST_TITLE] or None


def _lines(body: etree._Element) -> Iterator[str]:
    # python-docx's own paragraphs pass over content controls, inserted text and text boxes without a word.
    for paragraph in body.iter(_PARAGRAPH):
        if not any(above.tag in _LEFT_OUT for above in paragraph.iterancestors()):
            for line in "".join(_pieces(paragraph)).split("\n"):
                if line.strip():
                    yield line.strip()


def _pieces(element: etree._Element) -> Iterator[str]:
    """The text of a paragraph without that of the paragraphs in its text boxes."""
    for child in element:
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag in _PIECES:
            yield _PIECES[child.tag]
        elif child.tag not in _LEFT_OUT and child.tag not in (_PARAGRAPH, _TABS):
            yield from _pieces(child)
