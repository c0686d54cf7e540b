"""What a file is taken for, when its type, its name and its content agree and when they do not."""

import pytest

from api.files.errors import EncryptedFile, FileMismatch
from api.files.kinds import charset_of, kind_of
from jobs.errors import KhulasaError, UnsupportedBody

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "media_type", "name", "kind"),
    [
        (b"%PDF-1.4", "application/pdf", None, "pdf"),
        (b"%PDF-1.4", "application/octet-stream", "A.PDF", "pdf"),
        (b"@PJL\r\n%PDF-1.4\n%%EOF", "", "a.pdf", "pdf"),
        (b"PK\x03\x04", DOCX, "a.docx", "docx"),
        (b"<p>x</p>", "text/html; charset=utf-8", None, "html"),
        (b"<!-- x --><!DOCTYPE html>", "", "page.htm", "html"),
        (b"x", "text/plain", "notes.md", "txt"),
        (b"x", "", "C:\\texts\\a.txt", "txt"),
    ],
)
def test_a_kind_is_recognised(data: bytes, media_type: str, name: str | None, kind: str) -> None:
    assert kind_of(data, media_type, name) == kind


@pytest.mark.parametrize(
    ("data", "media_type", "name", "error"),
    [
        pytest.param(b"PK\x03\x04", "application/pdf", "a.pdf", FileMismatch, id="docx named pdf"),
        pytest.param(b"%PDF-1.4", "", "a.docx", FileMismatch, id="pdf named docx"),
        pytest.param(b"%PDF-1.4", "text/plain", None, FileMismatch, id="pdf as text"),
        pytest.param(b"<!doctype html><p>", "text/plain", None, FileMismatch, id="html as text"),
        pytest.param(b"x", "application/pdf", "a.docx", FileMismatch, id="type against name"),
        pytest.param(b"hello", "application/pdf", None, FileMismatch, id="text as pdf"),
        pytest.param(OLE, "", "a.docx", FileMismatch, id="old Word"),
        pytest.param(OLE + "EncryptedPackage".encode("utf-16-le"), "", "a.docx", EncryptedFile, id="locked"),
        pytest.param(b"x", "image/png", "a.png", UnsupportedBody, id="picture"),
        pytest.param(b"x", "", None, UnsupportedBody, id="nothing said"),
    ],
)
def test_a_wrong_kind_is_refused(data: bytes, media_type: str, name: str, error: type[KhulasaError]) -> None:
    with pytest.raises(error):
        kind_of(data, media_type, name)


def test_the_charset_is_read_from_the_type() -> None:
    assert charset_of('text/html; charset="Windows-1256"') == "windows-1256"
    assert charset_of("text/html; charset=") is None
    assert charset_of("text/html") is None
