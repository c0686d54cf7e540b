"""The text of a page, and pages that are meant to hurt."""

import pytest

from api.files import FileLimits, read_upload
from api.files.errors import FileTooComplex, FileTooLarge, FileWithoutText
from jobs.errors import KhulasaError

SENTENCE = "قال وزير التخطيط إن الحكومة أقرت خطة جديدة لبناء المدارس في المحافظات الجنوبية. "
PAGE = f"""<!DOCTYPE html><html><head><meta charset="%s"><title>خطة المدارس</title>
<script>var x = "سر";</script></head><body>
<nav><ul><li><a href="/a">الرئيسية</a></li><li><a href="/b">اتصل بنا</a></li></ul></nav>
<article><h1>خطة المدارس</h1><p>{SENTENCE * 3}</p><h2>التمويل</h2><p>{SENTENCE * 3}</p></article>
<footer><a href="/c">جميع الحقوق محفوظة</a></footer></body></html>"""


@pytest.mark.parametrize(
    ("charset", "codec"), [("utf-8", "utf-8"), ("windows-1256", "cp1256"), ("iso-8859-6", "iso-8859-6")]
)
def test_the_main_text_is_found_whatever_the_encoding(charset: str, codec: str) -> None:
    found = read_upload((PAGE % charset).encode(codec), "text/html", None, FileLimits())
    assert (found.kind, found.encoding, found.title) == ("html", charset, "خطة المدارس")
    assert found.text.count(SENTENCE.strip()) == 6
    assert "التمويل" in found.text.split("\n")
    assert "سر" not in found.text
    assert "اتصل بنا" not in found.text


def test_the_content_type_names_the_code_page() -> None:
    data = "<p>الخطة الجديدة".encode("iso-8859-6")
    assert read_upload(data, "text/html; charset=ISO-8859-6", None, FileLimits()).text == "الخطة الجديدة"


def test_a_page_without_a_main_text_gives_all_its_text_by_blocks() -> None:
    data = "<div>خبر <b>عاجل</b><style>p{}</style><br>تفاصيل<!-- x --> أخرى</div><div>نهاية</div>".encode()
    found = read_upload(data, "text/html", "a.html", FileLimits())
    assert found.text.split("\n")[-2:] == ["تفاصيل أخرى", "نهاية"]
    assert found.text.startswith("خبر عاجل")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"<div>" * 1_000_000 + "نص".encode(), FileTooComplex, id="nested a million deep"),
        pytest.param(b"<p>a<b>" * 300_000, KhulasaError, id="many tags"),
        pytest.param(b"<p>x</p>" * 12_500_000, FileTooLarge, id="100 MB of tags"),
        pytest.param(b"<html><body><img src=x></body></html>", FileWithoutText, id="no text"),
        pytest.param(b" ", FileWithoutText, id="nothing"),
    ],
)
def test_a_bad_page_is_refused(data: bytes, error: type[KhulasaError]) -> None:
    with pytest.raises(error) as refused:
        read_upload(data, "text/html", None, FileLimits(cpu_seconds=5))
    assert refused.value.status in (413, 422)


def test_entities_and_other_files_are_not_read() -> None:
    data = (
        b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>a &x; b</p></body></html>'
    )
    assert "root:" not in read_upload(data, "text/html", None, FileLimits()).text
