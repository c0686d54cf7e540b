"""Uploads over HTTP: plain text, a page, a document, with steps and options beside them."""

import io
import json
from typing import Any

import docx
import httpx
import pytest

from tests.jobs_over_http import ARABIC, finish

FRESH = {"Cache-Control": "no-cache"}
BODY = f"{ARABIC}\nوقال إن العمل يبدأ غدا."


def post(api: httpx.Client, body: bytes, media_type: str, query: str = "") -> httpx.Response:
    return api.post(f"/v1/jobs{query}", content=body, headers=FRESH | {"Content-Type": media_type})


def send_file(api: httpx.Client, name: str, data: bytes, **fields: Any) -> httpx.Response:
    return api.post("/v1/jobs", files={"file": (name, data)}, data=fields, headers=FRESH)


def a_docx(*paragraphs: str) -> bytes:
    document, data = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(data)
    return data.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1256"])
def test_plain_text_is_an_article_and_its_encoding_is_told(api: httpx.Client, encoding: str) -> None:
    response = post(api, BODY.encode(encoding), "text/plain", "?steps=summary,translation&reference=cms-7")
    assert response.status_code == 202, response.text
    article = response.json()["article"]
    assert (article["characters"], article["reference"], article["kind"]) == (len(BODY), "cms-7", "txt")
    assert article["encoding"].startswith(encoding.removesuffix("-sig"))
    job = finish(api, response.json()["id"])
    assert set(job["results"]) == {"summary", "translation"}
    segments = job["results"]["translation"]["segments"]
    assert [BODY[it["start"] : it["end"]] for it in segments] == [it["source"] for it in segments]


def test_a_page_gives_its_main_text_and_not_its_menus(api: httpx.Client) -> None:
    paragraphs = "".join(f"<p>{ARABIC} وقال إن العمل رقم {number} يبدأ غدا.</p>" for number in range(6))
    page = (
        "<html><head><title>عنوان الخبر</title></head><body><nav><a href=/>الصفحة الرئيسية</a></nav>"
        f"<article><h1>عنوان الخبر</h1>{paragraphs}</article><script>alert(1)</script></body></html>"
    )
    response = post(api, page.encode(), "text/html; charset=utf-8", "?steps=summary&steps=translation")
    job = finish(api, response.json()["id"])
    read = " ".join(it["source"] for it in job["results"]["translation"]["segments"])
    assert ARABIC in read
    assert "الصفحة الرئيسية" not in read
    assert "alert" not in read
    assert job["article"]["title"] == "عنوان الخبر"


def test_a_document_in_a_form_is_an_article_with_options_beside_it(api: httpx.Client) -> None:
    options = json.dumps({"summary": {"sentences": 1}})
    metadata = json.dumps({"desk": "east"})
    data = a_docx(ARABIC, "وقال إن العمل يبدأ غدا.", "وأضاف أن الخطة كبيرة.")
    fields = {"options": options, "metadata": metadata, "title": "خبر", "ttl_seconds": "600"}
    response = send_file(api, "news.docx", data, steps="summary", **fields)
    assert response.status_code == 202, response.text
    job = finish(api, response.json()["id"])
    assert len(job["results"]["summary"]["sentences"]) == 1
    assert (job["metadata"], job["article"]["title"], job["article"]["kind"]) == (
        {"desk": "east"},
        "خبر",
        "docx",
    )


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("a.pdf", b"%PDF-1.4 broken", 422, "broken-file"),
        ("a.docx", b"not a zip", 422, "file-mismatch"),
        ("a.xyz", b"\x00\x01\x02", 415, "unsupported-media-type"),
        ("a.txt", b"English only.", 422, "unsupported-language"),
        ("a.txt", b"", 422, "empty-article"),
    ],
)
def test_a_file_that_is_no_article_says_why(
    api: httpx.Client, name: str, data: bytes, status: int, code: str
) -> None:
    response = send_file(api, name, data)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"steps": "poem"}, "/steps/0"),
        ({"options": "{"}, "/options"),
        ({"ttl_seconds": "soon"}, "/ttl_seconds"),
        ({"colour": "red"}, "/colour"),
        ({"lane": "fast"}, "/lane"),
    ],
)
def test_a_field_that_cannot_be_meant_is_named(
    api: httpx.Client, fields: dict[str, str], pointer: str
) -> None:
    response = send_file(api, "a.txt", ARABIC.encode(), **fields)
    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["pointer"] == pointer


def test_two_files_or_none_are_refused(api: httpx.Client) -> None:
    for files in ([("file", ("a.txt", b"x")), ("file", ("b.txt", b"y"))], [("file", (None, b"x"))]):
        response = api.post("/v1/jobs", files=files)
        assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/file")


def test_a_file_over_the_limit_is_413(api: httpx.Client) -> None:
    response = send_file(api, "a.txt", b"x" * 11_000_000)
    assert response.status_code == 413


def test_the_same_upload_with_the_same_idempotency_key_is_the_same_job(api: httpx.Client) -> None:
    headers = FRESH | {"Idempotency-Key": "upload-1"}
    ids = {
        api.post("/v1/jobs", files={"file": ("a.txt", ARABIC.encode())}, headers=headers).json()["id"]
        for _ in range(2)  # each has a boundary of its own
    }
    assert len(ids) == 1
