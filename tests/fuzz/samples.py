"""Small sound files of each kind that is read, and the few that were made to hurt."""

import zipfile
from io import BytesIO

from docx import Document

from tests.unit.files.test_docx import with_body
from tests.unit.files.written_pdf import WrittenPdf, pdf_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SENTENCE = "أعلن الوزير خطة جديدة لبناء المدارس. "


def html() -> bytes:
    meta = '<meta charset="utf-8"><meta property="og:title" content="خطة"><style>p{}</style>'
    return (
        f"<!DOCTYPE html><html><head>{meta}<title>خطة</title></head><body><article><h1>خطة</h1>"
        f"<p>{SENTENCE * 4}</p><table><tr><td>أ</td></tr></table><!-- x --></article></body></html>".encode()
    )


def docx() -> bytes:
    document, out = Document(), BytesIO()
    document.core_properties.title = "خطة"
    document.add_heading("خطة", 1)
    document.add_paragraph(SENTENCE * 3)
    document.add_table(2, 2).cell(0, 0).text = "أ"
    document.save(out)
    return out.getvalue()


def pdf() -> bytes:
    return pdf_of([list(reversed(SENTENCE)), list("Reuters 2020")], title="خطة")


def text(encoding: str) -> bytes:
    return (SENTENCE * 3).encode(encoding)


SOUND = {
    "a.html": (html, "text/html; charset=utf-8"),
    "a.docx": (docx, DOCX),
    "a.pdf": (pdf, "application/pdf"),
    "a.txt": (lambda: text("utf-8"), "text/plain"),
    "b.txt": (lambda: text("cp1256"), "text/plain; charset=windows-1256"),
    "c.txt": (lambda: text("utf-16"), "text/plain; charset=utf-16"),
}  # fmt: skip


def page_that_is_its_own_parent() -> bytes:
    made = WrittenPdf()
    made.page(made.stream(b"BT /F 12 Tf (a) Tj ET"))
    made.objects[1] = b"<< /Type /Pages /Count 9 /Kids [2 0 R 4 0 R] /Parent 2 0 R >>"
    made.objects[3] = b"<< /Type /Pages /Count 9 /Kids [2 0 R] /Parent 4 0 R >>"
    return made.written()


def font_that_is_not_there() -> bytes:
    made = WrittenPdf()
    made.page(made.stream(b"BT /F 12 Tf (a) Tj /G 1 Tf <0041> Tj ET"), b"/Font << /F 99 0 R /G 3 0 R >>")
    return made.written()


def font_of_half_characters() -> bytes:
    """Its characters are halves of surrogate pairs."""
    made = WrittenPdf()
    told = b"1 beginbfchar <01> <D800> endbfchar 1 beginbfrange <02> <09> <DC00> endbfrange"
    unicode = made.stream(
        b"/CIDInit begincmap 1 begincodespacerange <00> <ff> endcodespacerange " + told + b" endcmap"
    )
    font = made.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>" % unicode)
    made.page(made.stream(b"BT /F 12 Tf 9 9 Td (\x01\x02abc\x01) Tj ET"), b"/Font << /F %d 0 R >>" % font)
    return made.written()


def operands_without_end() -> bytes:
    made = WrittenPdf()
    made.page(made.stream(b"[" * 200_000 + b"<<" * 200_000))
    return made.written()


def objects_in_objects() -> bytes:
    made = WrittenPdf()
    made.objects[0] = b"<< /Type /Catalog /Pages 2 0 R /A " + b"[" * 100_000 + b" >>"
    return made.written()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE html [<!ENTITY l0 "ها">{entities}]><html><body><p>&l9;</p></body></html>'.encode()


def attributes() -> bytes:
    return b"<html><body><p " + b" ".join(b"a%d='" % n for n in range(200_000)) + SENTENCE.encode()


def bomb_in_a_docx() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(docx())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("word/media/a.png", bytes(60_000_000))
    return out.getvalue()


def a_million_runs() -> bytes:
    return with_body("<w:p>" + "<w:r><w:t>ا</w:t></w:r>" * 400_000 + "</w:p>")


def paragraphs_in_paragraphs() -> bytes:
    return with_body("<w:p><w:r>" * 120 + "<w:t>ا</w:t>" + "</w:r></w:p>" * 120)


HOSTILE = {
    "tree.pdf": page_that_is_its_own_parent,
    "font.pdf": font_that_is_not_there,
    "half.pdf": font_of_half_characters,
    "operands.pdf": operands_without_end,
    "objects.pdf": objects_in_objects,
    "laughs.html": laughs,
    "attributes.html": attributes,
    "bomb.docx": bomb_in_a_docx,
    "runs.docx": a_million_runs,
    "deep.docx": paragraphs_in_paragraphs,
    "empty.txt": bytes,
    "marks.txt": lambda: b"\xff\xfe\x00\xd8" * 1_000,
    "nulls.txt": lambda: bytes(100_000),
    "line.txt": lambda: "ا".encode() * 5_000_000,
}
