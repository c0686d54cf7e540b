"""The pages: a reference of every operation, made here and asking no other host for anything."""

import re
from html.parser import HTMLParser

import httpx
import pytest

PAGES = ["/", "/docs"]


class Page(HTMLParser):
    """The tags of a page and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host_and_runs_nothing(api: httpx.Client, path: str) -> None:
    response = api.get(path)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    page = Page(response.text)
    assert not {tag for tag, _ in page.tags} & {"script", "style", "iframe", "object", "form"}
    for _, attributes in page.tags:
        assert not any(name == "style" or name.startswith("on") for name in attributes)
        for name in ("href", "src"):
            assert re.match(r"[/#](?!/)", attributes.get(name) or "/"), attributes


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(api: httpx.Client, path: str) -> None:
    page = Page(api.get(path).text)
    anchors = {attributes.get("id") for _, attributes in page.tags}
    for target in {attributes.get("href") for _, attributes in page.tags} - {None}:
        assert target is not None
        if target.startswith("#"):
            assert target[1:] in anchors
        else:
            assert api.get(target).status_code == 200, target


def test_the_style_sheet_asks_no_other_host(api: httpx.Client) -> None:
    sheet = api.get("/static/pages.css")
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text


def test_the_reference_has_every_operation_with_its_codes(api: httpx.Client) -> None:
    page, document = Page(api.get("/docs").text), api.get("/openapi.json").json()
    anchors = {attributes.get("id") for _, attributes in page.tags}
    for path, item in document["paths"].items():
        assert path in page.text
        for method in {"get", "post", "delete"} & set(item):
            assert item[method]["operationId"] in anchors
    for code in ("unsupported-language", "queue-full", "not-ready"):
        assert code in page.text


def test_arabic_in_examples_runs_from_right_to_left_and_code_around_it_does_not(api: httpx.Client) -> None:
    html = api.get("/docs").text
    assert re.search(
        r'&#34;text&#34;: &#34;<bdi lang="ar" dir="rtl">|"text": "<bdi lang="ar" dir="rtl">', html
    )
    outside = re.sub(r'<bdi lang="ar"[^>]*>[^<]*</bdi>', "", html)
    assert not re.search(r"[\u0600-\u06ff]", outside)


@pytest.mark.parametrize("name", ["..%2f..%2fapp.py", "%2e%2e/reference.py", "%00", "none.css"])
def test_nothing_but_the_pages_own_files_is_static(api: httpx.Client, name: str) -> None:
    response = api.get(f"/static/{name}")
    assert (response.status_code, response.json()["code"]) == (404, "no-such-route")
