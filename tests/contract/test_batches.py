"""Batches: up to a thousand articles in one body, all of them or none."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import StartStack
from tests.jobs_over_http import DEADLINE_SECONDS

NDJSON = {"Content-Type": "application/x-ndjson", "Cache-Control": "no-cache"}


def article(number: int, **fields: Any) -> dict[str, Any]:
    return {"article": {"text": f"أعلن الوزير الخطة رقم {number}.", "reference": f"b-{number}"}, **fields}


def lines(articles: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(it, ensure_ascii=False) for it in articles).encode()


def finished(api: httpx.Client, batch_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        batch = api.get(f"/v1/batches/{batch_id}").json()
        if batch["finished"]:
            return dict(batch)
        time.sleep(0.1)
    raise AssertionError(f"not finished: {batch}")


def results(api: httpx.Client, batch_id: str) -> list[dict[str, Any]]:
    with api.stream("GET", f"/v1/batches/{batch_id}/results") as response:
        assert response.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line) for line in response.iter_lines()]


def test_a_batch_is_accepted_counted_and_answered_in_the_order_given(api: httpx.Client) -> None:
    articles = [article(number, steps=["summary"], metadata={"n": str(number)}) for number in range(30)]
    response = api.post("/v1/batches", content=lines(articles), headers=NDJSON)
    batch = response.json()
    assert response.status_code == 202
    assert response.headers["Location"] == f"/v1/batches/{batch['id']}"
    assert (batch["articles"], len(set(batch["jobs"]))) == (30, 30)
    assert finished(api, batch["id"])["counts"] == {
        "queued": 0, "running": 0, "succeeded": 30, "failed": 0, "gone": 0,
    }  # fmt: skip
    told = results(api, batch["id"])
    assert [job["id"] for job in told] == batch["jobs"]
    assert [job["metadata"]["n"] for job in told] == [str(number) for number in range(30)]
    assert all(job["results"]["summary"]["text"] == it["article"]["text"]
               for job, it in zip(told, articles, strict=True))  # fmt: skip
    assert {job["lane"] for job in told} == {"bulk"}


def test_a_list_in_json_is_a_batch_too_and_a_named_lane_stays(api: httpx.Client) -> None:
    body = {"jobs": [article(1, steps=["summary"]), article(2, steps=["summary"], lane="interactive")]}
    batch = api.post("/v1/batches", json=body).json()
    finished(api, batch["id"])
    assert [job["lane"] for job in results(api, batch["id"])] == ["bulk", "interactive"]


def test_one_bad_line_refuses_all_and_every_bad_line_is_named(api: httpx.Client) -> None:
    good = [article(number) for number in range(3)]
    body = b"\n".join(
        [lines(good[:1]), b"{", lines([article(9, x=1)]), b"", lines(good[1:]), b'{"article": 3}']
    )
    before = {job["id"] for job in api.get("/v1/jobs?limit=200").json()["jobs"]}
    response = api.post("/v1/batches", content=body, headers=NDJSON)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "invalid-batch")
    assert [(it["line"], it["pointer"], it["code"]) for it in problem["errors"]] == [
        (2, "", "malformed-json"),
        (3, "/x", "unknown-field"),
        (7, "/article", "invalid-submission"),
    ]
    assert {job["id"] for job in api.get("/v1/jobs?limit=200").json()["jobs"]} == before


@pytest.mark.parametrize("body", [b"", b"\n\n"])
def test_an_empty_batch_is_422(api: httpx.Client, body: bytes) -> None:
    assert api.post("/v1/batches", content=body, headers=NDJSON).status_code == 422


@pytest.mark.parametrize("body", ["{", '{"jobs": ' + "[" * 100_000, "\\ud800"], ids=["cut", "deep", "text"])
def test_what_is_not_json_is_400(api: httpx.Client, body: str) -> None:
    response = api.post("/v1/batches", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (400, "malformed-json")


@pytest.mark.parametrize("body", ['{"jobs": {}}', "[]", '{"jobs": [], "x": 1}', '{"jobs": []}'])
def test_a_json_body_of_another_shape_is_422(api: httpx.Client, body: str) -> None:
    response = api.post("/v1/batches", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid-submission")


def test_a_body_of_another_type_is_415(api: httpx.Client) -> None:
    assert api.post("/v1/batches", content=b"x", headers={"Content-Type": "text/csv"}).status_code == 415


def test_limits_are_told(start_stack: StartStack) -> None:
    stack = start_stack(max_batch_articles=2, max_batch_bytes=4096, max_queued_jobs=1, max_body_bytes=1024)
    with httpx.Client(base_url=stack.url, timeout=70) as api:

        def code(body: bytes) -> tuple[int, str]:
            response = api.post("/v1/batches", content=body, headers=NDJSON)
            return response.status_code, response.json()["code"]

        assert code(lines([article(1), article(2), article(3)])) == (413, "batch-too-large")
        assert code(lines([article(1), article(2)])) == (503, "queue-full")
        assert code(b" " * 5000) == (413, "body-too-large")
        assert code(lines([article(1, metadata={"a": "b" * 999, "c": "d" * 999})])) == (422, "invalid-batch")


def test_a_queue_full_of_characters_takes_the_whole_batch_or_nothing(start_stack: StartStack) -> None:
    stack = start_stack(max_article_chars=100, max_queued_characters=100)
    assert stack.worker
    stack.worker.kill()
    with httpx.Client(base_url=stack.url, timeout=70) as api:

        def status(*numbers: int) -> int:
            body = lines([article(number) for number in numbers])  # of 24 characters each
            return api.post("/v1/batches", content=body, headers=NDJSON).status_code

        assert [status(1, 2), status(3, 4, 5), status(3, 4), status(5)] == [202, 503, 202, 503]
        assert len(list(stack.connect_redis().scan_iter("khulasa:seen:*"))) == 4  # none came and went
        refused = api.post("/v1/jobs", json=article(5))
        assert (refused.status_code, refused.json()["code"]) == (503, "queue-full")
        assert "khulasa_unfinished_jobs 4.0" in api.get("/metrics").text
        assert "khulasa_unfinished_characters 96.0" in api.get("/metrics").text
        api.delete(f"/v1/jobs/{api.get('/v1/jobs').json()['jobs'][0]['id']}")
        assert status(5) == 202


def test_an_erased_job_is_gone_and_an_unknown_batch_is_404(api: httpx.Client) -> None:
    batch = api.post("/v1/batches", content=lines([article(5, steps=["summary"])]), headers=NDJSON).json()
    finished(api, batch["id"])
    api.delete(f"/v1/jobs/{batch['jobs'][0]}")
    assert finished(api, batch["id"])["counts"]["gone"] == 1
    assert [job["status"] for job in results(api, batch["id"])] == ["gone"]
    assert api.get("/v1/batches/01ARZ3NDEKTSV4RRFFQ69G5FAV").status_code == 404


def test_a_thousand_articles_are_accepted_in_one_body(start_stack: StartStack) -> None:
    stack = start_stack()
    assert stack.worker
    stack.worker.kill()
    with httpx.Client(base_url=stack.url, timeout=120) as api:
        response = api.post("/v1/batches", content=lines([article(n) for n in range(1_000)]), headers=NDJSON)
        assert response.status_code == 202
        assert response.json()["counts"]["queued"] == 1_000
        assert len(results(api, response.json()["id"])) == 1_000


def test_other_clients_are_answered_while_a_long_batch_is_read(api: httpx.Client) -> None:
    text = "أعلن الوزير اليوم عن خطة جديدة. " * 200
    articles = [{"article": {"text": f"{text}{number}."}} for number in range(60)]
    body = lines([*articles, {"article": {}}])  # the last one refuses them all, so nothing is stored
    with ThreadPoolExecutor(1) as client:
        batch = client.submit(lambda: api.post("/v1/batches", content=body, headers=NDJSON, timeout=120))
        answered = 0
        while not batch.done():
            assert api.get("/livez").status_code == 200
            answered += not batch.done()
    assert batch.result().status_code == 422
    assert answered >= 10


def keyed(api: httpx.Client, key: str, articles: list[dict[str, Any]]) -> httpx.Response:
    return api.post("/v1/batches", content=lines(articles), headers=NDJSON | {"Idempotency-Key": key})


def test_the_same_key_and_body_is_the_same_batch(api: httpx.Client) -> None:
    articles = [article(number, steps=["summary"]) for number in range(3)]
    before = {job["id"] for job in api.get("/v1/jobs?limit=200").json()["jobs"]}
    first, second = (keyed(api, "batch-1", articles) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["Location"] == second.headers["Location"]
    assert first.json()["jobs"] == second.json()["jobs"]
    after = {job["id"] for job in api.get("/v1/jobs?limit=200").json()["jobs"]}
    assert after - before == set(first.json()["jobs"])
    assert keyed(api, "batch-2", articles).json()["id"] != first.json()["id"]


def test_the_same_key_with_other_articles_is_422(api: httpx.Client) -> None:
    keyed(api, "batch-3", [article(1)])
    response = keyed(api, "batch-3", [article(2)])
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-mismatch")


def test_a_refused_batch_does_not_use_its_key_up(api: httpx.Client) -> None:
    assert keyed(api, "batch-4", [article(1, x=1)]).status_code == 422
    assert keyed(api, "batch-4", [article(1)]).status_code == 202


def test_a_job_and_a_batch_of_one_key_do_not_meet(api: httpx.Client) -> None:
    job = api.post("/v1/jobs", json=article(1), headers={"Idempotency-Key": "batch-5"})
    batch = keyed(api, "batch-5", [article(1)])
    assert (job.status_code in {200, 202}, batch.status_code) == (True, 202)
