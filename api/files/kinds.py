"""The kind of a file: what its type and name say, borne out by how it begins."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

from api.files.errors import EncryptedFile, FileMismatch
from jobs.errors import UnsupportedBody


class Kind(StrEnum):
    TXT = "txt"
    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"


_BY_MEDIA_TYPE = {
    "text/plain": Kind.TXT,
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind.DOCX,
    "application/pdf": Kind.PDF,
}
_BY_EXTENSION = {
    ".txt": Kind.TXT,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".docx": Kind.DOCX,
    ".pdf": Kind.PDF,
}
_SAYS_NOTHING = {"", "application/octet-stream", "binary/octet-stream"}
_ACCEPTED = "send text/plain, text/html, or a .txt, .html, .docx or .pdf file"
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_BEGINNINGS = {b"%PDF-": "a PDF", b"PK\x03\x04": "a zip archive", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "OLE"}
_EXPECTED = {Kind.TXT: None, Kind.HTML: "HTML", Kind.DOCX: "a zip archive", Kind.PDF: "a PDF"}
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def kind_of(data: bytes, media_type: str, filename: str | None) -> Kind:
    """Raises UnsupportedBody for a type not accepted, FileMismatch where content, type and name disagree."""
    declared = _declared(media_type, filename)
    found = _found(data)
    if found == "OLE":
        if _ENCRYPTED_PACKAGE in data:
            raise EncryptedFile(
                "the document is locked with a password; save it without one and send it again"
            )
        raise FileMismatch("it is a file of an old Office; save it as .docx and send it again")
    is_plain_html = declared is Kind.HTML and found is None  # a fragment needs no particular beginning
    if found != _EXPECTED[declared] and not is_plain_html:
        raise FileMismatch(f"it is sent as .{declared} but its content is {found or 'something else'}")
    return declared


def charset_of(media_type: str) -> str | None:
    """The charset parameter of a Content-Type."""
    found = _CHARSET.search(media_type)
    return found[1].lower() if found else None


def _declared(media_type: str, filename: str | None) -> Kind:
    name = media_type.partition(";")[0].strip().lower()
    extension = PurePosixPath((filename or "").replace("\\", "/")).suffix.lower()
    by_type, by_extension = _BY_MEDIA_TYPE.get(name), _BY_EXTENSION.get(extension)
    if by_type is None and name not in _SAYS_NOTHING:
        raise UnsupportedBody(f"this type of file is not accepted; {_ACCEPTED}")
    if by_type and by_extension and by_type is not by_extension:
        raise FileMismatch(f"its type says {by_type} and its name says {by_extension}; mend one of them")
    kind = by_type or by_extension
    if kind is None:
        raise UnsupportedBody(f"neither type nor name says what the file is; {_ACCEPTED}")
    return kind


def _found(data: bytes) -> str | None:
    for beginning, name in _BEGINNINGS.items():
        if data.startswith(beginning):
            return name
    # Readers of PDF let it begin anywhere in the first kilobyte, after a printer's preamble for instance.
    if re.match(rb"[^<]{0,1023}%PDF-\d", data[:1040], re.DOTALL) and b"%%EOF" in data[-2048:]:
        return "a PDF"
    return "HTML" if _HTML_START.match(data[:4096]) else None
