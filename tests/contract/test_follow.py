"""Following a job: as it stands, when it changes, one result alone, and until it is gone."""

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, Job, finish, follow, is_running, submit

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture(scope="module")
def done(stack: Stack, seed_texts: list[str]) -> Job:
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        return finish(api, submit(api, seed_texts[0])["id"])


def test_a_finished_job_has_every_field_of_the_contract(done: Job, seed_texts: list[str]) -> None:
    segments = done["article"]["segments"]
    assert done["status"] == "succeeded"
    assert done["progress"] == {"segments_done": segments, "segments_total": segments, "percent": 100}
    assert done["created_at"] <= done["started_at"] <= done["finished_at"] < done["expires_at"]
    assert all(done[name].endswith("Z") for name in ("created_at", "started_at", "finished_at", "expires_at"))
    assert (done["problem"], done["cached"], done["webhook"]) == (None, False, None)
    assert done["article"]["characters"] == len(seed_texts[0])


def test_the_translation_covers_the_article_and_the_receipt_says_so(done: Job, seed_texts: list[str]) -> None:
    translation = done["results"]["translation"]
    segments = translation["segments"]
    assert [segment["index"] for segment in segments] == list(range(done["article"]["segments"]))
    assert all(seed_texts[0][it["start"] : it["end"]] == it["source"] for it in segments)
    covered = "".join(segment["source"] for segment in segments)
    assert "".join(covered.split()) == "".join(seed_texts[0].split())
    assert all(segment["target"] for segment in segments)
    assert all(segment["target"] in translation["text"] for segment in segments)
    receipt = done["receipt"]
    assert (receipt["segments_in"], receipt["segments_out"]) == (len(segments), len(segments))
    assert receipt["truncated"] == 0
    assert receipt["flagged"] == sum(bool(segment["flags"]) for segment in segments)


def test_the_summary_is_sentences_of_the_article_and_its_english_follows_it(done: Job) -> None:
    sources = {it["index"]: it["source"] for it in done["results"]["translation"]["segments"]}
    summary, english = done["results"]["summary"], done["results"]["english_summary"]
    assert len(summary["sentences"]) == 3
    for sentence in summary["sentences"]:
        [index] = sentence["segments"]
        dropped = sources[index].removesuffix(sentence["text"])
        assert dropped in ("", "على صعيد آخر، ")
    assert [it["segments"] for it in english["sentences"]] == [it["segments"] for it in summary["sentences"]]
    assert all(it["text"] for it in english["sentences"])


def test_a_job_that_has_not_changed_is_304(api: httpx.Client, done: Job) -> None:
    etag = api.get(f"/v1/jobs/{done['id']}").headers["ETag"]
    again = api.get(f"/v1/jobs/{done['id']}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    assert api.get(f"/v1/jobs/{done['id']}", headers={"If-None-Match": '"0"'}).status_code == 200
    for other in ("*", f'"0", {etag}', f"W/{etag}"):
        again = api.get(f"/v1/jobs/{done['id']}", headers={"If-None-Match": other})
        assert (again.status_code, again.headers["ETag"]) == (304, etag)


def test_one_result_alone_as_json(api: httpx.Client, done: Job) -> None:
    for step, result in done["results"].items():
        assert api.get(f"/v1/jobs/{done['id']}/{step}").json() == result


def test_one_result_alone_as_plain_text(api: httpx.Client, done: Job) -> None:
    for step, result in done["results"].items():
        response = api.get(f"/v1/jobs/{done['id']}/{step}", headers={"Accept": "text/plain"})
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.text == result["text"]


def test_a_result_that_was_not_asked_for_is_404(api: httpx.Client) -> None:
    job = submit(api, ARABIC, steps=["summary"])
    response = api.get(f"/v1/jobs/{job['id']}/translation")
    assert (response.status_code, response.json()["code"]) == (404, "not-requested")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("job_id", [UNKNOWN, "x", "%D8%A7", "a" * 300, "..%2f..%2fetc"])
def test_an_id_never_seen_is_404(api: httpx.Client, method: str, job_id: str) -> None:
    response = api.request(method, f"/v1/jobs/{job_id}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def test_an_erased_job_is_410_everywhere(api: httpx.Client) -> None:
    job_id = finish(api, submit(api, ARABIC, steps=["summary"])["id"])["id"]
    assert api.delete(f"/v1/jobs/{job_id}").status_code == 204
    answers = [
        api.get(f"/v1/jobs/{job_id}"),
        api.get(f"/v1/jobs/{job_id}/summary"),
        api.delete(f"/v1/jobs/{job_id}"),
    ]
    assert [(it.status_code, it.json()["code"]) for it in answers] == [(410, "gone")] * 3


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nothing", 404, "no-such-route"), ("PUT", "/v1/jobs", 405, "method-not-allowed")],
)
def test_what_is_no_route_is_a_problem_too(
    api: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    response = api.request(method, path)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_result_that_is_not_ready_is_409_and_waiting_ends_on_time(start_stack: StartStack) -> None:
    stack = start_stack(steps_dir="tests/doubles")
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = submit(api, ARABIC, steps=["slow"], options={"slow": {"batches": 200, "seconds": 0.1}})
        running = follow(api, job["id"], is_running("slow"))
        assert running["started_at"]
        assert not running["finished_at"]
        response = api.get(f"/v1/jobs/{job['id']}/slow")
        assert (response.status_code, response.json()["code"]) == (409, "not-ready")
        assert int(response.headers["Retry-After"]) >= 1
        waited = api.get(f"/v1/jobs/{job['id']}", headers={"Prefer": "respond-async, wait=1"})
        assert waited.json()["status"] == "running"
        assert api.delete(f"/v1/jobs/{job['id']}").status_code == 204
        after = submit(api, ARABIC, steps=["slow"])
        assert finish(api, after["id"])["status"] == "succeeded"  # the erased one let go of the worker
