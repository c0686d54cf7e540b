"""A long campaign by hand: `python -m tests.fuzz [CASES_AN_OPERATION [SEED]]`."""

import sys
import tempfile
from pathlib import Path

from deploy.local.stack import Stack
from jobs.settings import Settings
from tests.fuzz.campaign import run_campaign


def main() -> int:
    cases, *seed = [int(argument) for argument in sys.argv[1:]] or [700]
    with tempfile.TemporaryDirectory() as folder:
        with Stack(Settings(port=0, data_dir=Path(folder) / "data")) as stack:
            campaign = run_campaign(stack.url, cases_an_operation=cases, seed=seed[0] if seed else None)
        crashes = (Path(folder) / "data" / "api.log").read_text("utf-8").count('"request.crashed"')
    print(campaign.report)
    print(f"{campaign.cases} cases, {crashes} crashes in the log")
    return 0 if campaign.found_nothing and not crashes else 1


if __name__ == "__main__":
    sys.exit(main())
