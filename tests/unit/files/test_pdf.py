"""Arabic in PDFs comes out in the order read, however it was drawn."""

import re
import unicodedata

import pytest

from api.files import FileLimits, read_upload
from api.files.errors import EncryptedFile, FileTooLarge, FileWithoutText
from tests.unit.files.written_pdf import WrittenPdf, pdf_of

LINE = "قال وزير الدولة إن شركة Google LLC ستدفع 3.5 مليار (نحو 25% منها) للإدارة الأولى"
DATES = "في الفترة 2020-2021 بتاريخ 12/05/2020 «رويترز» عن COVID-19 ومنظمة الصحة"
FORMS = {  # isolated, final, initial, medial
    unicodedata.normalize("NFKC", chr(code)): code for code in range(0xFEFC, 0xFE80, -1)
}


def read(data: bytes, limits: FileLimits | None = None) -> str:
    return read_upload(data, "application/pdf", None, limits or FileLimits()).text


def seen(line: str, ligatures: bool = False) -> list[str]:
    """The glyphs of a line from left to right, as a reader of Arabic sees them."""
    pattern = r"[A-Za-z][A-Za-z0-9 -]*[A-Za-z0-9]|\d+(?:[./]\d+)*|" + ("ل[اأإآ]|." if ligatures else ".")
    glyphs: list[str] = []
    for run in reversed(re.findall(pattern, line)):
        whole = ligatures and run.startswith("ل")
        glyphs += [run] if whole else run.translate(str.maketrans("()«»", ")(»«"))
    return glyphs


def shaped(line: str) -> str:
    """The line in presentation forms, with ligatures of lam and alef."""
    out = []
    for word in re.split(r"([^\u0621-\u064a]+)", line):
        letters, joined = re.findall("ل[اأإآ]|.", word), False
        for place, letter in enumerate(letters):
            named = _forms(letter)
            goes_on = (
                place + 1 < len(letters) and "initial" in named and "final" in _forms(letters[place + 1])
            )
            form = {(0, 0): "isolated", (1, 0): "final", (0, 1): "initial", (1, 1): "medial"}[joined, goes_on]
            out.append(named.get(form, letter))
            joined = goes_on
    return "".join(out)


def _forms(letter: str) -> dict[str, str]:
    codes = (chr(code) for code in range(0xFE80, 0xFEFD))
    of_letter = [it for it in codes if unicodedata.normalize("NFKC", it) == letter]
    return {unicodedata.decomposition(it).partition(">")[0][1:]: it for it in of_letter}


@pytest.mark.parametrize("line", [LINE, DATES, "الكويت", "صلاة العيد", "١٢٣ طالباً في القاعة"])
def test_a_line_is_read_in_logical_order_however_it_is_drawn(line: str) -> None:
    context = "وقال الرئيس إن هذه الاتفاقية التي في المدينة"
    for draw in (
        list,  # in the order read, from left to right, by a producer that knows no Arabic
        lambda it: list(shaped(it)),
        seen,
        lambda it: seen(it, ligatures=True),
        lambda it: seen(shaped(it)),
    ):
        assert read(pdf_of([draw(context), draw(line)], step=60)) == f"{context}\n{line}"


def test_lam_alef_ligatures_come_apart_in_order() -> None:
    assert read(
        pdf_of([["\ufefb"], [*reversed("\ufe8d\ufedf\ufea4\ufef4\ufe8e\ufe93")], seen(LINE)], step=60)
    ) == (f"لا\nالحياة\n{LINE}")


def test_a_latin_line_stays_as_it_is() -> None:
    assert (
        read(pdf_of([list("Reuters (London) 12-13"), seen(LINE)], step=60)).split("\n")[0]
        == "Reuters (London) 12-13"
    )


def test_lines_become_paragraphs_where_the_page_broke_them() -> None:
    full = "قال الوزير في المؤتمر الصحفي إن الحكومة أقرت الخطة"
    lines = [full, full, "وانتهى.", full, "هنا."]
    assert read(pdf_of([seen(line) for line in lines])) == f"{full} {full} وانتهى.\n{full} هنا."


def test_a_hyphenated_word_is_whole_again_and_a_wide_step_ends_a_paragraph() -> None:
    lines = [list("The minister of edu-"), list("cation spoke to the")]
    assert read(pdf_of(lines)) == "The minister of education spoke to the"
    assert "\n" in read(pdf_of([*lines, *lines[:0], list("press at noon today.")], step=40))


def test_the_title_comes_from_the_properties() -> None:
    found = read_upload(pdf_of([seen(LINE)], title="خطة المدارس"), "application/pdf", None, FileLimits())
    assert (found.title, found.kind, found.encoding) == ("خطة المدارس", "pdf", None)


def test_characters_that_a_font_gives_by_halves_are_made_whole() -> None:
    halves = b"3 beginbfchar <01> <D83D> <02> <DE00> <03> <0627> endbfchar"
    pdf = WrittenPdf()
    told = pdf.stream(b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange " + halves + b" endcmap")
    font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>" % told)
    shown = b"BT /F 12 Tf 9 9 Td (\x03\x03) Tj 99 0 Td (\x01\x02) Tj 99 0 Td (\x01) Tj ET"
    pdf.page(pdf.stream(shown), b"/Font << /F %d 0 R >>" % font)
    assert sorted(read(pdf.written()).split()) == sorted(["اا", "😀", "\ufffd"])


def test_a_scan_without_text_is_told_so() -> None:
    pdf = WrittenPdf()
    pdf.page(pdf.stream(b"q 600 0 0 800 0 0 cm /Im1 Do Q"))
    with pytest.raises(FileWithoutText):
        read(pdf.written())


def test_an_encrypted_pdf_is_told_so() -> None:
    pdf = WrittenPdf()
    pdf.page(pdf.stream(b""))
    keys = b"/Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <%s> /U <%s>" % (b"ab" * 32, b"cd" * 32)
    pdf.trailer = b"/Encrypt << %s >> /ID [<00> <00>]" % keys
    with pytest.raises(EncryptedFile):
        read(pdf.written())


def test_an_article_as_long_as_is_allowed_is_read_whole() -> None:
    lines = 99_000 // (len(LINE) + 1)
    assert read(pdf_of([seen(LINE)] * lines)).count(LINE) == lines


def test_pages_are_bounded() -> None:
    pdf = WrittenPdf()
    content = pdf.stream(b"")
    for _ in range(4):
        pdf.page(content)
    with pytest.raises(FileTooLarge):
        read(pdf.written(), FileLimits(max_pages=3))
