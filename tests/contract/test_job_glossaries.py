"""A glossary in a job: its terms found in the article, standing in the English, and kept to the end."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.conftest import StartStack
from tests.glossaries_over_http import problem, put
from tests.jobs_over_http import Job, finish, submit

SENTENCE = "والتقى الرئيس بالكاظمي يوم الأحد في القصر الحكومي."
_numbers = itertools.count(1)


@pytest.fixture
def name(api: httpx.Client) -> Iterator[str]:
    """Of a glossary that no other test has, deleted afterwards."""
    own = f"job-{next(_numbers)}"
    yield own
    api.delete(f"/v1/glossaries/{own}")


def translated(api: httpx.Client, text: str, glossary: Any, **fields: Any) -> Job:
    job = submit(api, text, options={"translation": {"glossary": glossary}}, **fields)
    done = finish(api, job["id"])
    assert done["status"] == "succeeded"
    return done


def test_five_thousand_terms_are_a_glossary(api: httpx.Client, name: str) -> None:
    terms = [(f"قلم {number}", f"pen {number}") for number in range(5_000)]
    assert put(api, name, *terms).json()["count"] == 5_000
    job = translated(api, "اشترى الوزير قلم 4321 أمس.", name, steps=["translation"])
    [term] = job["results"]["translation"]["glossary"]["terms"]
    assert (term["ar"], term["found"]) == ("قلم 4321", 1)


def test_a_term_with_clitics_is_found_and_stands_in_the_english(api: httpx.Client, name: str) -> None:
    put(api, name, ("الكاظمي", "al-Kadhimi"), ("برلمان", "parliament"))
    result = translated(api, f"{SENTENCE} وسافر الوزير غدا.", name)["results"]["translation"]
    assert result["glossary"] == {
        "name": name,
        "revision": 1,
        "terms": [{"ar": "الكاظمي", "en": "al-Kadhimi", "found": 1, "applied": 1, "problems": []}],
    }
    assert len(result["segments"]) == 2
    assert "al-Kadhimi" in result["segments"][0]["target"]
    assert result["segments"][0]["flags"] == []
    assert "al-Kadhimi" in result["text"]


def test_a_term_with_nothing_beside_it_keeps_its_arabic(api: httpx.Client) -> None:
    result = translated(api, SENTENCE, {"الكاظمي": ""})["results"]["translation"]
    [segment] = result["segments"]
    assert "الكاظمي" in segment["target"]
    assert "president" in segment["target"].casefold()
    assert segment["flags"] == []
    assert result["glossary"]["name"] is None
    assert result["glossary"]["terms"][0]["applied"] == 1


def test_the_english_summary_keeps_to_the_same_glossary(api: httpx.Client) -> None:
    job = translated(api, SENTENCE, {"الكاظمي": "al-Kadhimi"})
    summary = job["results"]["english_summary"]
    assert "al-Kadhimi" in summary["text"]
    assert summary["glossary"]["terms"][0]["applied"] == 1


def test_a_job_without_a_glossary_has_none_in_its_result(api: httpx.Client) -> None:
    assert translated(api, SENTENCE, None)["results"]["translation"]["glossary"] is None


def test_a_glossary_whose_terms_the_article_does_not_have_is_named_all_the_same(
    api: httpx.Client, name: str
) -> None:
    put(api, name, ("برلمان", "parliament"))
    result = translated(api, SENTENCE, name)["results"]["translation"]
    assert result["glossary"] == {"name": name, "revision": 1, "terms": []}


@pytest.mark.parametrize(
    ("glossary", "code"),
    [
        ("nothing-like-it", "unknown-glossary"),
        ("no/name", "invalid-submission"),
        (7, "invalid-submission"),
        ({"الكاظمي": 7}, "invalid-submission"),
        ({"الكاظمي": "a\nb"}, "invalid-submission"),
        ({"قلم": "pen", "قلـم": "quill"}, "invalid-submission"),
        ({f"قلم {number}": "" for number in range(101)}, "invalid-submission"),
    ],
)
def test_what_cannot_be_chosen_is_422_with_its_pointer(api: httpx.Client, glossary: Any, code: str) -> None:
    body = {"article": {"text": SENTENCE}, "options": {"translation": {"glossary": glossary}}}
    assert problem(api.post("/v1/jobs", json=body)) == (422, code, "/options/translation/glossary")


@pytest.mark.parametrize("change", ["written over", "deleted"])
def test_a_job_keeps_the_terms_of_its_submission(start_stack: StartStack, change: str) -> None:
    stack = start_stack(requeue_seconds=1, reap_interval_seconds=0.2)
    assert stack.worker
    stack.worker.kill()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        put(api, "desk", ("الكاظمي", "al-Kadhimi"), ("برلمان", "parliament"))
        job = submit(api, SENTENCE, options={"translation": {"glossary": "desk"}})
        record = stack.connect_redis().hget(f"khulasa:job:{job['id']}", "record")
        assert "parliament" not in str(record)  # only what the article has is kept
        if change == "deleted":
            api.delete("/v1/glossaries/desk")
        else:
            put(api, "desk", ("الكاظمي", "somebody else"))
        stack.start_worker()
        result = finish(api, job["id"])["results"]["translation"]
        assert result["glossary"]["revision"] == 1
        assert "al-Kadhimi" in result["text"]


def test_work_with_another_glossary_is_other_work(api: httpx.Client, name: str) -> None:
    text = f"{SENTENCE} وكان ذلك في بغداد."

    def post(glossary: Any) -> dict[str, Any]:
        body = {"article": {"text": text}, "options": {"translation": {"glossary": glossary}}}
        job = api.post("/v1/jobs", json=body).json()
        finish(api, job["id"])
        return dict(api.get(f"/v1/jobs/{job['id']}").json())

    put(api, name, ("الكاظمي", "al-Kadhimi"))
    first, second = post(name), post(name)
    assert (first["cached"], second["cached"]) == (False, True)
    assert second["results"] == first["results"]
    put(api, name, ("الكاظمي", "Kazimi"))
    changed = post(name)
    assert changed["cached"] is False
    assert "Kazimi" in changed["results"]["translation"]["text"]
    assert post({"الكاظمي": "Kazimi"})["cached"] is False
    assert post(None)["cached"] is False


def test_every_article_of_a_batch_keeps_its_own_terms(api: httpx.Client, name: str) -> None:
    put(api, name, ("الكاظمي", "al-Kadhimi"), ("الخطة", "plan"))
    texts = [SENTENCE, "أعلن الوزير الخطة الجديدة أمس.", "انتهى الخبر."]
    glossary = {"translation": {"glossary": name}}
    lines = [json.dumps({"article": {"text": it}, "options": glossary}) for it in texts]
    headers = {"Content-Type": "application/x-ndjson"}
    batch = api.post("/v1/batches", content="\n".join(lines).encode(), headers=headers).json()
    results = [finish(api, job_id)["results"]["translation"]["glossary"] for job_id in batch["jobs"]]
    assert [[term["en"] for term in it["terms"]] for it in results] == [["al-Kadhimi"], ["plan"], []]
