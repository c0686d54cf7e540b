"""A PDF document: its pages in order, read within limits into paragraphs in logical order."""

import re
from io import BytesIO

from pypdf import PasswordType, PdfReader
from pypdf._configuration import overwrite_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

from api.files.errors import EncryptedFile, FileTooComplex, FileTooLarge, FileWithoutText
from api.files.limits import FileLimits
from api.files.pdf.direction import Directions
from api.files.pdf.glyph import Work
from api.files.pdf.lines import Line, lines_of
from api.files.pdf.page import PageGlyphs
from api.files.pdf.paragraphs import PlacedLine, paragraphs

_PAGE_NUMBER = re.compile(r"[\s\-–—|/\d٠-٩۰-۹]+")
_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0e-\x1f]")
_NO_TITLE = re.compile(r"untitled|microsoft (word|powerpoint) - |\S+\.\w{2,4}$", re.IGNORECASE)
_LONGEST_TITLE = 1_000


def read(data: bytes, limits: FileLimits) -> tuple[str, str | None]:
    """Raises a KhulasaError."""
    most = limits.max_unpacked_bytes
    overwrite_configuration(
        maximum_declared_stream_length=most,
        array_based_stream_maximum_output_length=most,
        lzw_maximum_output_length=most,
        run_length_maximum_output_length=most,
        zlib_maximum_output_length=most,
        brotli_maximum_output_length=most,
        jbig2dec_binary=None,
    )
    try:
        reader = _open(data)
        pages = len(reader.pages)
        if pages > limits.max_pages:
            raise FileTooLarge(f"it has {pages} pages, the limit is {limits.max_pages}; split it")
        text = _text(reader, limits)
        return text, _title(reader)
    except LimitReachedError:
        detail = (
            f"its streams unpack to more than {most} bytes or hold too much; send the article's text instead"
        )
        raise FileTooComplex(detail) from None


def _open(data: bytes) -> PdfReader:
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted:
        # Many files are encrypted with an empty password, only to forbid printing: those anyone may read.
        try:
            opened = reader.decrypt("")
        except (DependencyError, FileNotDecryptedError, NotImplementedError):
            opened = PasswordType.NOT_DECRYPTED
        if opened is PasswordType.NOT_DECRYPTED:
            raise EncryptedFile("the PDF is locked with a password; save it without one and send it again")
    return reader


def _text(reader: PdfReader, limits: FileLimits) -> str:
    work = Work(bytes_left=limits.max_unpacked_bytes, characters_left=2 * limits.max_chars + 10_000)
    placed: list[tuple[int, Line]] = []
    for number, page in enumerate(reader.pages):
        lines = lines_of(PageGlyphs(page, reader, work).read())
        placed += [(number, line) for line in _without_page_number(lines)]
    directions = Directions([line.pieces for _, line in placed])
    readable = [
        PlacedLine(page, line, directions.logical(line.pieces), directions.is_right_to_left(line.pieces))
        for page, line in placed
    ]
    text = "\n".join(paragraphs([line for line in readable if line.text]))
    letters = sum(1 for char in text if char.isalpha())
    if letters == 0 or len(_UNREADABLE.findall(text)) > letters:
        detail = "its pages are pictures, or their letters cannot be told; send the article's text instead"
        raise FileWithoutText(detail)
    return text


def _without_page_number(lines: list[Line]) -> list[Line]:
    if len(lines) > 1 and _PAGE_NUMBER.fullmatch(lines[-1].raw):
        lines = lines[:-1]
    if len(lines) > 1 and _PAGE_NUMBER.fullmatch(lines[0].raw):
        lines = lines[1:]
    return lines


def _title(reader: PdfReader) -> str | None:
    found = reader.metadata.title if reader.metadata else None
    title = " ".join(found.split()) if isinstance(found, str) else ""
    return title[:_LONGEST_TITLE] if title and not _NO_TITLE.match(title) else None
