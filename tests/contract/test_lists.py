"""Lists: a client's jobs, newest first, a page at a time."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, Job, finish, follow


@pytest.fixture(scope="module")
def own_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    from jobs.settings import Settings

    request.getfixturevalue("_redis_server")
    with Stack(Settings(port=0, data_dir=tmp_path_factory.mktemp("lists"))) as stack:
        yield stack


@pytest.fixture(scope="module")
def own_api(own_stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own_stack.url, timeout=70) as client:
        yield client


@pytest.fixture(scope="module")
def jobs(own_api: httpx.Client) -> list[Job]:
    """Seven, oldest first; every second one has a reference, the last one fails."""
    return [submit(own_api, reference=f"cms-{number % 2}" if number % 2 else None) for number in range(7)]


def submit(api: httpx.Client, reference: str | None = None) -> Job:
    article = {"text": ARABIC} | ({"reference": reference} if reference else {})
    response = api.post("/v1/jobs", json={"article": article, "steps": ["summary"]})
    return finish(api, response.json()["id"])


def ids(page: dict[str, Any]) -> list[str]:
    return [job["id"] for job in page["jobs"]]


def test_the_newest_comes_first(own_api: httpx.Client, jobs: list[Job]) -> None:
    page = own_api.get("/v1/jobs").json()
    assert ids(page) == [job["id"] for job in reversed(jobs)]
    assert page["next"] is None


def test_an_entry_is_the_job_without_its_results(own_api: httpx.Client, jobs: list[Job]) -> None:
    entry = own_api.get("/v1/jobs?limit=1").json()["jobs"][0]
    assert entry == {name: value for name, value in jobs[-1].items() if name != "results"}


def test_pages_follow_one_another_to_the_end(own_api: httpx.Client, jobs: list[Job]) -> None:
    found, cursor = [], ""
    for _ in range(4):
        page = own_api.get(f"/v1/jobs?limit=2{cursor}").json()
        found += ids(page)
        cursor = f"&cursor={page['next']}"
    assert found == [job["id"] for job in reversed(jobs)]
    assert page["next"] is None


def test_a_reference_finds_its_jobs(own_api: httpx.Client, jobs: list[Job]) -> None:
    page = own_api.get("/v1/jobs", params={"reference": "cms-1"}).json()
    assert ids(page) == [job["id"] for job in reversed(jobs) if job["article"]["reference"] == "cms-1"]
    assert ids(own_api.get("/v1/jobs", params={"reference": "cms"}).json()) == []


def test_a_status_finds_its_jobs(own_api: httpx.Client, jobs: list[Job]) -> None:
    assert len(ids(own_api.get("/v1/jobs?status=succeeded").json())) == len(jobs)
    assert ids(own_api.get("/v1/jobs?status=failed").json()) == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=done", "status"),
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("q=1", "q"),
    ],
)
def test_a_query_that_cannot_be_meant_is_422_and_names_the_parameter(
    own_api: httpx.Client, query: str, name: str
) -> None:
    response = own_api.get(f"/v1/jobs?{query}")
    assert (response.status_code, response.json()["code"]) == (422, "invalid-query")
    assert response.json()["errors"][0]["pointer"] == name


def test_an_erased_or_expired_job_is_listed_no_more(start_stack: StartStack) -> None:
    stack = start_stack()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        kept, erased, expired = (submit(api) for _ in range(3))
        api.delete(f"/v1/jobs/{erased['id']}")
        stack.connect_redis().delete(f"khulasa:job:{expired['id']}")
        assert ids(api.get("/v1/jobs").json()) == [kept["id"]]


def test_a_job_is_listed_from_its_submission(start_stack: StartStack) -> None:
    stack = start_stack()
    assert stack.worker
    stack.worker.kill()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = api.post("/v1/jobs", json={"article": {"text": ARABIC}}).json()["id"]
        follow(api, job_id, lambda job: job["status"] == "queued")
        assert ids(api.get("/v1/jobs?status=queued").json()) == [job_id]
