"""Views: what progress says, and what is shown of a step."""

from datetime import timedelta

from jobs.errors import IncompleteTranslation
from jobs.job import Job, StoredJob
from jobs.views import job_view, result_view
from tests.records import NOW, a_job


def percent(job: Job) -> int:
    return int(job_view(StoredJob(job, "نص", {}), {})["progress"]["percent"])


def test_progress_is_the_mean_over_the_steps_and_whole_only_at_the_end() -> None:
    job = a_job()
    assert percent(job) == 0
    for name in ("summary", "translation", "english_summary"):
        before = percent(job)
        job.start(name, token="t", now=NOW, lease_seconds=10)
        job.advance(name, token="t", done=4, total=4, now=NOW, lease_seconds=10)
        assert before < percent(job) < 100
        job.succeed(name, token="t", receipt=None, now=NOW + timedelta(seconds=1))
    assert percent(job) == 100


def test_what_a_step_has_shown_is_shown_no_more_when_it_has_failed() -> None:
    stored = StoredJob(a_job(), "نص", {"translation": {"segments": [{"index": 0}]}})
    fields = {"translation": ("model", "segments")}
    stored.job.start("translation", token="t", now=NOW, lease_seconds=10)
    assert result_view(stored, "translation", fields)["segments"] == [{"index": 0}]
    stored.job.fail("translation", IncompleteTranslation("one is missing"), token="t", now=NOW)
    assert result_view(stored, "translation", fields)["segments"] is None
