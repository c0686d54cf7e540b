"""Views: what progress says."""

from datetime import timedelta

from jobs.job import Job, StoredJob
from jobs.views import job_view
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
