"""Submitting an article: what is accepted, and what each mistake is told."""

import gzip
import json
from typing import Any

import httpx
import pytest

from tests.jobs_over_http import ARABIC, submit


def post(api: httpx.Client, body: Any) -> httpx.Response:
    """Done anew, whatever other tests have submitted."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
    return api.post("/v1/jobs", content=json.dumps(body), headers=headers)


def article(**fields: Any) -> dict[str, Any]:
    return {"article": {"text": ARABIC}, **fields}


def test_an_article_is_accepted_with_a_place_to_follow_it(api: httpx.Client) -> None:
    response = post(api, article())
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/jobs/{response.json()['id']}"
    assert int(response.headers["Retry-After"]) >= 1
    assert api.get(response.headers["Location"]).status_code == 200


def test_the_job_says_what_was_read(api: httpx.Client) -> None:
    fields = {"title": "عنوان", "reference": "cms-1"}
    job = post(api, {"article": {"text": ARABIC, **fields}, "metadata": {"desk": "سياسة"}}).json()
    counts = {"characters": len(ARABIC), "segments": 1, "language": "ar"}
    assert job["article"] == {**fields, **counts, "kind": "json", "encoding": "utf-8"}
    assert job["metadata"] == {"desk": "سياسة"}
    assert set(job["results"]) == {"summary", "translation", "english_summary"}


def test_the_example_of_the_contract_is_understood(api: httpx.Client) -> None:
    example = article(
        steps=["summary", "translation", "english_summary"],
        options={"summary": {"sentences": 3}, "translation": {"model": None, "glossary": None}},
        lane="interactive",
        ttl_seconds=86400,
    )
    assert post(api, example).status_code == 202


def test_a_step_brings_the_steps_that_it_needs(api: httpx.Client) -> None:
    job = submit(api, ARABIC, steps=["english_summary"])
    assert list(job["results"]) == ["summary", "english_summary"]


def test_a_whole_number_may_be_written_with_a_point(api: httpx.Client) -> None:
    assert submit(api, ARABIC, steps=["summary"], ttl_seconds=60.0)["expires_at"]


def test_waiting_answers_with_the_finished_job(api: httpx.Client) -> None:
    response = api.post("/v1/jobs", json=article(steps=["summary"]), headers={"Prefer": "wait=30"})
    assert response.status_code == 200
    assert response.json()["results"]["summary"]["text"] == ARABIC


MISTAKES = [
    pytest.param({"article": {"text": ""}}, "empty-article", "/article/text", id="no text"),
    pytest.param({"article": {"text": " \n\t "}}, "empty-article", "/article/text", id="only white space"),
    pytest.param(
        {"article": {"text": "The minister announced a new plan for schools today."}},
        "unsupported-language",
        "/article/text",
        id="English",
    ),
    pytest.param({"article": {"text": "12345 😀"}}, "unsupported-language", "/article/text", id="no letters"),
    pytest.param({}, "invalid-submission", "/article", id="no article"),
    pytest.param({"article": {}}, "invalid-submission", "/article/text", id="article without text"),
    pytest.param({"article": ARABIC}, "invalid-submission", "/article", id="article as a string"),
    pytest.param({"article": {"text": 7}}, "invalid-submission", "/article/text", id="text as a number"),
    pytest.param([], "invalid-submission", "", id="a list"),
    pytest.param("text", "invalid-submission", "", id="a string"),
    pytest.param(None, "invalid-submission", "", id="null"),
    pytest.param(article(colour="red"), "unknown-field", "/colour", id="unknown field"),
    pytest.param(
        article(options={"summary": {"sentence": 3}}),
        "unknown-field",
        "/options/summary/sentence",
        id="unknown option",
    ),
    pytest.param(article(**{"a/b~c": 1}), "unknown-field", "/a~1b~0c", id="pointer escapes"),
    pytest.param(article(steps=[]), "invalid-submission", "/steps", id="no steps"),
    pytest.param(article(steps=["poem"]), "invalid-submission", "/steps/0", id="unknown step"),
    pytest.param(article(steps="summary"), "invalid-submission", "/steps", id="steps as a string"),
    pytest.param(article(ttl_seconds=1), "invalid-submission", "/ttl_seconds", id="ttl too short"),
    pytest.param(article(ttl_seconds="60"), "invalid-submission", "/ttl_seconds", id="ttl as a string"),
    pytest.param(article(ttl_seconds=True), "invalid-submission", "/ttl_seconds", id="ttl as a bool"),
    pytest.param(article(lane="fast"), "invalid-submission", "/lane", id="unknown lane"),
    pytest.param(article(metadata={"a": 1}), "invalid-submission", "/metadata/a", id="metadata not strings"),
    pytest.param(
        article(options={"summary": {"sentences": 0}}),
        "invalid-submission",
        "/options/summary/sentences",
        id="no sentences",
    ),
    pytest.param(
        article(options={"summary": {"sentences": True}}),
        "invalid-submission",
        "/options/summary/sentences",
        id="sentences as a bool",
    ),
    pytest.param(
        article(options={"summary": {"sentences": "3"}}),
        "invalid-submission",
        "/options/summary/sentences",
        id="sentences as a string",
    ),
    pytest.param(article(metadata={"": "x"}), "invalid-submission", "/metadata/", id="empty metadata key"),
    pytest.param(
        article(options={"summary": {"sentences": 2, "ratio": 0.5}}),
        "invalid-submission",
        "/options/summary",
        id="two lengths",
    ),
    pytest.param(
        article(options={"translation": {"model": "gpt"}}),
        "unknown-model",
        "/options/translation/model",
        id="unknown model",
    ),
    pytest.param(
        article(webhook={"url": "https://example.com/hook"}),
        "forbidden-webhook",
        "/webhook/url",
        id="webhook",
    ),
]


@pytest.mark.parametrize(("body", "code", "pointer"), MISTAKES)
def test_a_mistake_is_422_with_its_place(api: httpx.Client, body: Any, code: str, pointer: str) -> None:
    response = post(api, body)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert (problem["code"], problem["errors"][0]["pointer"]) == (code, pointer)
    assert problem["status"] == 422
    assert problem["type"].endswith(code)
    assert problem["title"]


def test_the_detected_language_is_named(api: httpx.Client) -> None:
    text = "The minister announced a new plan for schools today."
    assert "en" in post(api, {"article": {"text": text}}).json()["detail"].split("language ")[1]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b'{"article": {"text": "\xff"}}', b'{"article": {"text": "\\ud800"}}']
)
def test_a_body_that_is_not_json_is_400(api: httpx.Client, body: bytes) -> None:
    response = api.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "malformed-json")


def test_a_body_of_another_type_is_415(api: httpx.Client) -> None:
    response = api.post("/v1/jobs", content=ARABIC, headers={"Content-Type": "application/xml"})
    assert (response.status_code, response.json()["code"]) == (415, "unsupported-media-type")


def test_a_compressed_body_is_415(api: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = api.post("/v1/jobs", content=gzip.compress(b"{}"), headers=headers)
    assert response.status_code == 415


def test_many_mistakes_are_told_a_few_at_a_time(api: httpx.Client) -> None:
    response = post(api, article(**{f"field{number}": 1 for number in range(5_000)}))
    assert response.status_code == 422
    assert len(response.json()["errors"]) == 20


def test_an_article_over_the_limit_is_413_and_one_at_the_limit_is_accepted(api: httpx.Client) -> None:
    sentence = "قال الوزير إن الخطة جديدة. "
    text = (sentence * (100_000 // len(sentence) + 1))[:100_000]
    over = post(api, {"article": {"text": text + "ن"}, "steps": ["summary"]})
    assert (over.status_code, over.json()["code"]) == (413, "article-too-long")
    assert "100000" in over.json()["detail"]
    assert post(api, {"article": {"text": text}, "steps": ["summary"]}).status_code == 202


def test_a_body_over_the_limit_is_413(api: httpx.Client) -> None:
    body = json.dumps(article(metadata={"a": "x" * 3_000_000})).encode()
    response = api.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")


def test_no_problem_quotes_the_article(api: httpx.Client) -> None:
    response = post(api, {"article": {"text": ARABIC, "title": ["سر"]}, "steps": ["سر"]})
    assert response.status_code == 422
    assert "سر" not in response.text
    assert ARABIC[:10] not in response.text
