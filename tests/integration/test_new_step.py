"""A new step is one file: put among the others, it has its option, its schema and its execution."""

import shutil
from pathlib import Path

import httpx

from tests.conftest import StartStack
from tests.integration.conftest import Run, ready_url
from tests.jobs_over_http import ARABIC, finish, submit

ROOT = Path(__file__).parents[2]


def test_a_step_file_in_a_folder_of_the_operator_is_served(start_stack: StartStack) -> None:
    stack = start_stack(steps_dir="tests/doubles")
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = submit(api, ARABIC, steps=["headline"], options={"headline": {"words": 2}})
        assert finish(api, job["id"])["results"]["headline"]["text"] == "أعلن الوزير"
        wrong = api.post(
            "/v1/jobs",
            json={"article": {"text": ARABIC}, "steps": ["headline"], "options": {"headline": {"words": 0}}},
        )
        assert wrong.json()["errors"][0]["pointer"] == "/options/headline/words"
        plain = api.get(f"/v1/jobs/{job['id']}/headline", headers={"Accept": "text/plain"})
        assert plain.text == "أعلن الوزير"
        document = api.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert "headline" in schemas["Options"]["properties"]
    assert "segment" in schemas["HeadlineView"]["properties"]


def test_a_step_file_among_our_own_needs_no_other_edit(run: Run, tmp_path: Path) -> None:
    for package in ("api", "client", "deploy", "jobs", "models", "worker"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("bundled"))
    shutil.copy(ROOT / "tests/doubles/headline.py", tmp_path / "models/steps")
    process = run("run", root=tmp_path, port=0, data_dir=tmp_path / "data")
    with httpx.Client(base_url=ready_url(process), timeout=70) as api:
        options = {"headline": {"words": 2}}
        job = finish(api, submit(api, ARABIC, steps=["headline"], options=options)["id"])
        assert job["results"]["headline"]["text"] == "أعلن الوزير"
