"""Long campaigns by hand, without keys and with one: `python -m tests.fuzz [CASES_AN_OPERATION [SEED]]`."""

import sys
import tempfile
from pathlib import Path

from deploy.local.stack import Stack
from jobs.keys import KeyRing
from jobs.store import utc_now
from tests.fuzz.campaign import run_campaign, unhurried


def main() -> int:
    cases, *seed = [int(argument) for argument in sys.argv[1:]] or [700]
    failed = 0
    for keyed in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            with Stack(unhurried(data)) as stack:
                key = KeyRing(stack.connect_redis()).create("fuzz", now=utc_now())[1] if keyed else None
                campaign = run_campaign(
                    stack.url, cases_an_operation=cases, seed=seed[0] if seed else None, key=key
                )
            crashes = (data / "api.log").read_text("utf-8").count('"request.crashed"')
        print(campaign.report)
        name = "with a key" if keyed else "without keys"
        print(f"{name}: {campaign.cases} cases, {crashes} crashes in the log")
        failed += not campaign.found_nothing or bool(crashes)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
