"""The demonstration: sends articles to a Khulasa, shows progress, prints what comes back."""

import sys
import time
from pathlib import Path
from typing import Any

import httpx

_RULE = "─" * 88


def show_seeds(url: str, articles: list[Path]) -> bool:
    """Whether every article came back whole: all steps done, segments in = out, none truncated."""
    with httpx.Client(base_url=url, timeout=70, trust_env=False) as api:
        names = {_submit(api, path): path.name for path in articles}
        jobs = {job_id: _follow(api, job_id, name) for job_id, name in names.items()}
    for job_id, job in jobs.items():
        _print_job(names[job_id], job)
    whole = [_is_whole(job) for job in jobs.values()]
    print(f"{_RULE}\n{sum(whole)} of {len(whole)} articles came back whole.", flush=True)
    return all(whole)


def _submit(api: httpx.Client, path: Path) -> str:
    article = {"text": path.read_text("utf-8"), "reference": path.name}
    job = api.post("/v1/jobs", json={"article": article}).raise_for_status().json()
    print(f"{path.name}: accepted as {job['id']}, {job['article']['segments']} segments", flush=True)
    return str(job["id"])


def _follow(api: httpx.Client, job_id: str, name: str) -> dict[str, Any]:
    shown = -1
    while True:
        job: dict[str, Any] = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
        percent = job["progress"]["percent"]
        if percent != shown:
            shown = percent
            print(f"{name}: {job['status']} {percent:3d} %", flush=True)
        if job["finished_at"]:
            return job
        time.sleep(0.2)


def _is_whole(job: dict[str, Any]) -> bool:
    receipt = job["receipt"]
    return bool(
        job["status"] == "succeeded"
        and receipt["segments_in"] == receipt["segments_out"]
        and receipt["truncated"] == 0
    )


def _print_job(name: str, job: dict[str, Any]) -> None:
    print(f"{_RULE}\n{name}: {job['status']}")
    titles = {"summary": "Arabic summary", "english_summary": "English summary", "translation": "Translation"}
    for step, title in titles.items():
        result = job["results"][step]
        print(f"\n{title} ({result['model'] or 'no model'}):")
        print(result["text"] if result["status"] == "succeeded" else f"  {result['problem']}")
    receipt = job["receipt"]
    print(
        f"\nReceipt: {receipt['segments_in']} segments in, {receipt['segments_out']} out, "
        f"{receipt['truncated']} truncated, {receipt['flagged']} flagged for a second look."
    )
    sys.stdout.flush()
