"""Which encoding a text is found to be in, and which bytes are no text at all."""

from time import process_time

import pytest

from api.files import FileLimits, read_upload
from api.files.encodings import decode
from api.files.errors import FileTooLarge, UndecodableText
from jobs.errors import ArticleTooLong

ARABIC = "قال الوزير: «إنّ الخطة جديدة»، ثم غادر… ١٢٪؟"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param(ARABIC.encode(), "utf-8", id="UTF-8"),
        pytest.param(ARABIC.encode("utf-8-sig"), "utf-8", id="UTF-8 with a mark"),
        pytest.param(ARABIC.encode("utf-16"), "utf-16", id="UTF-16"),
        pytest.param(b"\xfe\xff" + ARABIC.encode("utf-16-be"), "utf-16", id="UTF-16, big end first"),
        pytest.param("خطة جديدة، déjà vu".encode("cp1256"), "windows-1256", id="Windows-1256"),
    ],
)
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    found = decode(data)
    assert found.encoding == encoding
    assert found.text in (ARABIC, "خطة جديدة، déjà vu")


def test_line_ends_become_plain() -> None:
    assert decode("سطر\r\nثان\rثالث".encode()).text == "سطر\nثان\nثالث"


def test_a_declared_code_page_counts_where_bytes_leave_a_choice() -> None:
    assert decode("الخطة الجديدة".encode("iso-8859-6"), "ISO-8859-6").encoding == "iso-8859-6"
    assert decode("الخطة".encode(), "windows-1256").encoding == "utf-8"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ARABIC.encode()[:-1], id="UTF-8 cut within a letter"),
        pytest.param(ARABIC.encode() + b"\xff" + ARABIC.encode(), id="UTF-8 with a bad byte"),
        pytest.param("Министр объявил о новом плане".encode("cp1251"), id="Russian"),
        pytest.param("Le ministre a annoncé un plan à Genève".encode("latin-1"), id="French"),
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param(b"\x00\x01\x02", id="control characters"),
        pytest.param(ARABIC.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(ARABIC.encode("utf-32"), id="UTF-32"),
        pytest.param(b"\xff\xfe\x06", id="half a UTF-16 character"),
    ],
)
def test_what_is_no_text_in_these_encodings_is_refused(data: bytes) -> None:
    with pytest.raises(UndecodableText):
        decode(data)


def test_a_plain_text_says_how_it_was_read() -> None:
    found = read_upload("خطة جديدة".encode("cp1256"), "text/plain", None, FileLimits())
    assert (found.text, found.kind, found.encoding, found.title) == ("خطة جديدة", "txt", "windows-1256", None)


def test_a_text_over_the_limits_is_refused_never_cut() -> None:
    with pytest.raises(ArticleTooLong):
        read_upload("خطة".encode(), "text/plain", None, FileLimits(max_chars=2))
    with pytest.raises(FileTooLarge):
        read_upload("خطة".encode(), "text/plain", None, FileLimits(max_bytes=5))


def test_ten_megabytes_of_one_byte_letters_are_told_apart_in_a_moment() -> None:
    page = b"<script>" + b"a" * 1_000_000 + "الخطة ".encode("cp1256") * 1_500_000
    started = process_time()
    assert decode(page).encoding == "windows-1256"
    assert process_time() - started < 3
