"""PDFs that are meant to hurt are refused in time."""

import time

import pytest

from api.files import FileLimits, read_upload
from jobs.errors import KhulasaError
from tests.unit.files.written_pdf import WrittenPdf, pdf_of

LIMITS = FileLimits(cpu_seconds=4, wall_seconds=8, max_unpacked_bytes=10_000_000)


def huge_stream() -> bytes:
    pdf = WrittenPdf()
    pdf.page(pdf.stream(bytes(100_000_000), packed=True))
    return pdf.written()


def many_streams() -> bytes:
    pdf = WrittenPdf()
    content = pdf.stream(b" " * 1_000_000, packed=True)
    for _ in range(100):
        pdf.page(content)
    return pdf.written()


def endless_operators() -> bytes:
    pdf = WrittenPdf()
    pdf.page(pdf.stream(b"1 0 0 1 0 0 cm " * 660_000, packed=True))
    return pdf.written()


def forms_in_forms() -> bytes:
    pdf = WrittenPdf()
    inner = pdf.stream(b"", b"/Type /XObject /Subtype /Form")
    for _ in range(10):
        names = b"/Resources << /XObject << /F %d 0 R >> >>" % inner
        inner = pdf.stream(b"/F Do " * 10, b"/Type /XObject /Subtype /Form " + names)
    pdf.page(pdf.stream(b"/F Do"), b"/XObject << /F %d 0 R >>" % inner)
    return pdf.written()


def form_in_itself() -> bytes:
    pdf = WrittenPdf()
    number = len(pdf.objects) + 1
    names = b"/Type /XObject /Subtype /Form /Resources << /XObject << /F %d 0 R >> >>" % number
    pdf.stream(b"/F Do /F Do", names)
    pdf.page(pdf.stream(b"/F Do"), b"/XObject << /F %d 0 R >>" % number)
    return pdf.written()


def page_tree_loop() -> bytes:
    pdf = WrittenPdf()
    pdf.objects[1] = b"<< /Type /Pages /Count 1 /Kids [2 0 R 2 0 R] >>"
    return pdf.written()


def xref_loop() -> bytes:
    pdf = WrittenPdf()
    pdf.page(pdf.stream(b""))
    start = pdf.written().rindex(b"xref\n0")
    pdf.trailer = b"/Prev %d" % start
    return pdf.written()


def pdf_in_a_pdf() -> bytes:
    pdf = WrittenPdf()
    file = pdf.stream(pdf_of([list("secret")]), b"/Type /EmbeddedFile")
    pdf.objects[0] = (
        b"<< /Type /Catalog /Pages 2 0 R /AF [<< /Type /Filespec /F (a.pdf) /EF << /F %d 0 R >> >>] >>" % file
    )
    pdf.page(pdf.stream(b""))
    return pdf.written()


@pytest.mark.parametrize(
    "make",
    [
        huge_stream,
        many_streams,
        endless_operators,
        forms_in_forms,
        form_in_itself,
        page_tree_loop,
        xref_loop,
        pdf_in_a_pdf,
    ],
)
def test_a_hostile_pdf_is_refused_in_time(make: "type[bytes]") -> None:
    data, started = make(), time.monotonic()
    with pytest.raises(KhulasaError) as refused:
        read_upload(data, "application/pdf", "a.pdf", LIMITS)
    assert refused.value.status in (413, 422)
    assert refused.value.code.startswith(("file-", "broken-"))
    assert time.monotonic() - started < 12


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n%%EOF", pdf_of([list("text")])[:300]])
def test_a_broken_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(KhulasaError) as refused:
        read_upload(data, "application/pdf", None, LIMITS)
    assert refused.value.status == 422
