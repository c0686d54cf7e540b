"""Glossaries: stored under a name, with what is wrong with one told by its entry."""

import itertools
from collections.abc import Iterator

import httpx
import pytest

from tests.glossaries_over_http import problem, put

NAMES = {"terms": [{"ar": "الكاظمي", "en": "al-Kadhimi"}, {"ar": "المنطقة الخضراء", "en": "Green Zone"}]}
_numbers = itertools.count(1)


@pytest.fixture
def name(api: httpx.Client) -> Iterator[str]:
    """Of a glossary that no other test has, deleted afterwards."""
    own = f"desk.{next(_numbers)}-a_B"
    yield own
    api.delete(f"/v1/glossaries/{own}")


def test_a_glossary_is_written_read_listed_written_over_and_deleted(api: httpx.Client, name: str) -> None:
    made = api.put(f"/v1/glossaries/{name}", json=NAMES)
    assert (made.status_code, made.json()["revision"], made.json()["count"]) == (201, 1, 2)
    read = api.get(f"/v1/glossaries/{name}")
    assert read.json()["terms"] == NAMES["terms"]
    assert (read.headers["ETag"], read.json()["revision"]) == (made.headers["ETag"], 1)
    etag = {"If-None-Match": read.headers["ETag"]}
    assert api.get(f"/v1/glossaries/{name}", headers=etag).status_code == 304
    again = put(api, name, ("الكاظمي", "Kadhimi"))
    assert (again.status_code, again.json()["revision"]) == (200, 2)
    [listed] = [it for it in api.get("/v1/glossaries").json()["glossaries"] if it["name"] == name]
    assert listed == again.json()
    assert api.delete(f"/v1/glossaries/{name}").status_code == 204
    assert api.get(f"/v1/glossaries/{name}").json()["code"] == "not-found"
    assert api.delete(f"/v1/glossaries/{name}").status_code == 404
    assert put(api, name, ("الكاظمي", "")).json()["revision"] == 3  # no revision is used twice


def test_a_write_can_be_made_to_depend_on_what_was_read(api: httpx.Client, name: str) -> None:
    assert put(api, name, ("قلم", "pen"), **{"If-Match": "*"}).status_code == 412
    first = put(api, name, ("قلم", "pen")).headers["ETag"]
    assert put(api, name, ("قلم", "quill"), **{"If-Match": first}).status_code == 200
    for other in ('W/"", "x", ""', '"' + "9" * 5_000 + '"'):
        assert put(api, name, ("قلم", "biro"), **{"If-Match": other}).status_code == 412
    lost = put(api, name, ("قلم", "biro"), **{"If-Match": first})
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition-failed")
    assert api.get(f"/v1/glossaries/{name}").json()["terms"] == [{"ar": "قلم", "en": "quill"}]
    assert put(api, name, ("قلم", "biro"), **{"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", "ar,en\r\nالكاظمي,al-Kadhimi\r\n\r\n\"حزب، آخر\",\"Party, Other\"\nداعش,\n"),
        ("text/csv; charset=utf-8", "\ufeffالكاظمي,al-Kadhimi\n\"حزب، آخر\",\"Party, Other\"\nداعش"),
        ("text/tab-separated-values", "الكاظمي\tal-Kadhimi\nحزب، آخر\tParty, Other\nداعش\t\n"),
    ],
)  # fmt: skip
def test_a_table_is_a_glossary_too(api: httpx.Client, name: str, kind: str, body: str) -> None:
    headers = {"Content-Type": kind}
    assert api.put(f"/v1/glossaries/{name}", content=body.encode(), headers=headers).status_code == 201
    assert api.get(f"/v1/glossaries/{name}").json()["terms"] == [
        {"ar": "الكاظمي", "en": "al-Kadhimi"},
        {"ar": "حزب، آخر", "en": "Party, Other"},
        {"ar": "داعش", "en": ""},
    ]


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ([("قلم", "pen"), ("إيران", "Iran"), ("اِيران", "Persia")], "/terms/2/ar"),
        ([("مكتبة", "library"), ("مكتبه", "x")], "/terms/1/ar"),
        ([("", "pen")], "/terms/0/ar"),
        ([("pen", "pen")], "/terms/0/ar"),
        ([("قلم", "two\nlines")], "/terms/0/en"),
        ([("قلم", "bell\x07")], "/terms/0/en"),
        ([("قلم", "p" * 201)], "/terms/0/en"),
        ([("ق" * 201, "pen")], "/terms/0/ar"),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_with_its_index(
    api: httpx.Client, name: str, terms: list[tuple[str, str]], pointer: str
) -> None:
    assert problem(put(api, name, *terms)) == (422, "invalid-glossary", pointer)
    assert api.get(f"/v1/glossaries/{name}").status_code == 404


def test_other_bodies_and_names_are_refused(api: httpx.Client, name: str) -> None:
    place = f"/v1/glossaries/{name}"
    assert problem(api.put(place, json={"terms": []}))[::2] == (422, "/terms")
    assert problem(api.put(place, json={"terms": [{"ar": "قلم", "fr": "x"}]})) == (
        422, "unknown-field", "/terms/0/fr",
    )  # fmt: skip
    assert api.put(place, content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert api.put(place, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    many = {"terms": [{"ar": f"قلم {number}", "en": ""} for number in range(5_001)]}
    assert problem(api.put(place, json=many))[::2] == (422, "/terms")
    for body in (b'"\xd9', b'a,"b\n', "قلم,a,b".encode(), b""):
        response = api.put(place, content=body, headers={"Content-Type": "text/csv"})
        assert (response.status_code, response.json()["code"]) == (422, "invalid-glossary")
    for other in ("-x", "a b", "ق", "x" * 65):
        assert put(api, other, ("قلم", "pen")).json()["code"] == "invalid-glossary"
