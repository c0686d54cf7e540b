"""The text of Word documents, and archives that are meant to hurt."""

import zipfile
from io import BytesIO

import pytest
from docx import Document

from api.files import FileLimits, read_upload
from api.files.errors import BrokenFile, EncryptedFile, FileMismatch, FileTooLarge, FileWithoutText
from jobs.errors import ArticleTooLong, KhulasaError

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAME = "a.docx"


def read(data: bytes, limits: FileLimits | None = None) -> str:
    return read_upload(data, "", NAME, limits or FileLimits()).text


def written(title: str = "", body: str | None = None, more: dict[str, bytes] | None = None) -> bytes:
    """A document of python-docx, with its body or further parts put in place afterwards."""
    document, out = Document(), BytesIO()
    document.core_properties.title = title
    document.add_heading("عنوان الخبر", 1)
    document.add_paragraph("فقرة أولى.")
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "خلية مدموجة"
    table.cell(1, 0).text, table.cell(1, 1).text = "أ", "ب"
    document.add_paragraph("فقرة أخيرة.")
    document.save(out)
    return altered(out.getvalue(), body, more or {})


def altered(data: bytes, body: str | None, more: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if body is not None and name == "word/document.xml":
                part = body.encode()
            new.writestr(name, more.pop(name, part))
        for name, part in more.items():
            new.writestr(name, part)
    return out.getvalue()


def with_body(inner: str, before: str = "") -> bytes:
    return written(body=f'{before}<w:document xmlns:w="{W}"><w:body>{inner}</w:body></w:document>')


def test_paragraphs_tables_and_headings_come_in_reading_order() -> None:
    found = read_upload(written("خبر"), "", NAME, FileLimits())
    assert found.text.split("\n") == ["عنوان الخبر", "فقرة أولى.", "خلية مدموجة", "أ", "ب", "فقرة أخيرة."]
    assert (found.kind, found.title, found.encoding) == ("docx", "خبر", None)


def test_nothing_that_a_reader_sees_is_passed_over_and_nothing_deleted_comes_back() -> None:
    inner = (
        "<w:p><w:r><w:t>قال </w:t></w:r><w:ins><w:r><w:t>أمس</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>سر</w:delText></w:r></w:del><w:r><w:br/><w:t>سطر</w:t></w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>محتوى</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    assert read(with_body(inner)).split("\n") == ["قال أمس", "سطر", "محتوى"]


def test_a_document_without_text_is_told_so() -> None:
    with pytest.raises(FileWithoutText):
        read(with_body("<w:p/>"))


def test_a_document_too_long_is_refused_not_cut() -> None:
    with pytest.raises(ArticleTooLong):
        read(written(), FileLimits(max_chars=20))


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(with_body("<w:p/>", LAUGHS), BrokenFile, id="a billion laughs"),
        pytest.param(with_body("<w:p/>", XXE), BrokenFile, id="an entity from outside"),
        pytest.param(with_body("<w:p>" * 5_000), BrokenFile, id="nested XML"),
        pytest.param(with_body("<w:p>"), BrokenFile, id="broken XML"),
        pytest.param(written(more={"word/bomb.xml": bytes(60_000_000)}), FileTooLarge, id="zip bomb"),
        pytest.param(written(more={"word/bomb.xml": bytes(5_000_000)}), FileTooLarge, id="ratio"),
        pytest.param(written(more={f"x/{i}": b"" for i in range(2_001)}), FileTooLarge, id="entries"),
        pytest.param(written()[:-200], BrokenFile, id="cut"),
        pytest.param(b"PK\x03\x04" + bytes(100), BrokenFile, id="no archive"),
        pytest.param(
            written(more={"word/settings.xml": '<?xml version="1.0"?><!DOCTYPE x>'.encode("utf-16")}),
            BrokenFile,
            id="hidden doctype",
        ),
    ],
)
def test_a_hostile_document_is_refused(data: bytes, error: type[KhulasaError]) -> None:
    with pytest.raises(error) as refused:
        read(data)
    assert refused.value.status in (413, 422)
    assert type(refused.value) is error


def test_sizes_that_lie_do_not_help() -> None:
    data = written(more={"word/bomb.bin": bytes(3_000_000)})
    size = (3_000_000).to_bytes(4, "little")
    assert data.count(size) >= 1
    with pytest.raises((BrokenFile, FileTooLarge)):
        read(data.replace(size, (100).to_bytes(4, "little")))


def test_another_archive_is_no_document() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FileMismatch):
        read(out.getvalue())


def test_a_locked_archive_is_told_so() -> None:
    data = bytearray(written())
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    with pytest.raises(EncryptedFile):
        read(bytes(data))
