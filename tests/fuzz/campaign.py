"""A campaign: one run of Schemathesis over all operations of a service that runs."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from jobs.settings import Settings

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Campaign:
    """What came of it; `found_nothing` is what is hoped for."""

    found_nothing: bool
    cases: int
    report: str


def unhurried(data: Path) -> Settings:
    """A service that does not mind how many requests come."""
    return Settings(port=0, data_dir=data, rate_limit="1000000/minute", poll_rate_limit="1000000/minute")


def run_campaign(
    url: str, *, cases_an_operation: int, seed: int | None = None, key: str | None = None
) -> Campaign:
    """Against the service at `url`; the coverage phase adds a few hundred cases to those asked for."""
    command = [str(Path(sys.executable).parent / "schemathesis")]
    command += ["--config-file", str(_FOLDER / "schemathesis.toml"), "run", f"{url}/openapi.json"]
    command += ["--max-examples", str(cases_an_operation), "--continue-on-failure"]
    command += ["--seed", str(seed)] if seed is not None else []
    command += ["--header", f"X-API-Key: {key}"] if key else []
    environment = os.environ | {"PYTHONPATH": str(_FOLDER.parents[1]), "NO_COLOR": "1"}
    done = subprocess.run(
        command,
        env=environment,
        cwd=_FOLDER.parents[1],
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    generated = re.search(r"(\d[\d,]*) generated", done.stdout)
    cases = int(generated[1].replace(",", "")) if generated else 0
    return Campaign(done.returncode == 0, cases, done.stdout)
