"""The tally of a storm: how much was asked, told, seen and killed, and what of it is off."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.faults.crowd import Crowd
from tests.faults.ledger import TERMINAL, Answer
from tests.faults.orphans import largest
from tests.faults.strikes import Strikes
from tests.faults.trial import Trial
from tests.faults.verdict import RULES

Rows = list[tuple[str, object]]
_OTHER_RULES = ("customers", "left over", "orphans", "grown", "workers")


def tally(trial: Trial, crowd: Crowd, strikes: Strikes) -> Rows:
    entries, events = trial.ledger.entries, trial.events()
    submissions = [answer for entry in entries for answer in entry.submissions]
    erasures = [answer for entry in entries for answer in entry.erasures]
    ends = Counter(it[0] for it in {(it.status, it.job_id) for entry in entries for it in entry.sights})
    return [
        ("submissions begun", crowd.started),
        *_told("POST", submissions),
        ("jobs accepted", sum(len(entry.accepted_ids) for entry in entries)),
        *((f"  seen {status}", ends[status]) for status in sorted(TERMINAL)),
        ("  erased", sum(entry.erased_at is not None for entry in entries)),
        *_told("DELETE", erasures),
        ("sights of jobs", sum(len(entry.sights) for entry in entries)),
        ("jobs whose webhook came", len(events)),
        ("  and came again", sum(len(it) - 1 for it in events.values())),
        *sorted(strikes.done.items()),
        *((f"large: {name}", f"{size:,} B, {count} members") for size, name, count in largest(trial.redis)),
    ]


def counted(off: Iterable[str]) -> Rows:
    """Each rule, with how often it was broken."""
    found = Counter(line.partition(":")[0] for line in off)
    return [(f"off: {name}", found[name]) for name in [*(rule.__name__ for rule in RULES), *_OTHER_RULES]]


def table(rows: Rows) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _told(method: str, answers: Sequence[Answer]) -> Rows:
    told = Counter(str(it.code or it.status_code or "no answer") for it in answers)
    return [
        (f"{method}s", len(answers)),
        *((f"  told {name}", count) for name, count in sorted(told.items())),
    ]
