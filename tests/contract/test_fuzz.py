"""Schemathesis, all its checks, for some seconds; `make fuzz-api` goes on for longer."""

from pathlib import Path

import httpx

from tests.conftest import StartStack
from tests.fuzz.campaign import run_campaign


def test_schemathesis_finds_nothing_and_no_job_is_poisoned(start_stack: StartStack, tmp_path: Path) -> None:
    stack = start_stack(rate_limit="1000000/minute", poll_rate_limit="1000000/minute")
    campaign = run_campaign(stack.url, cases_an_operation=8, seed=5)  # `make fuzz-api` draws anew
    assert campaign.found_nothing, campaign.report
    assert campaign.cases > 200
    log = (tmp_path / "data" / "api.log").read_text("utf-8")
    assert log.count('"event": "job.') >= 3  # it got as far as the work itself
    assert "request.crashed" not in log
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert not api.get("/v1/jobs", params={"status": "failed"}).json()["jobs"]
        assert api.get("/readyz").status_code == 200
