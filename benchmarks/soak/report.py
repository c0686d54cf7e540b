"""The report of a soak: what grew after the warm-up, and how small a leak would have been seen."""

import math
from collections.abc import Iterator, Sequence

from benchmarks.soak.growth import Growth, judge, smallest_leak
from benchmarks.soak.tally import Tally
from benchmarks.soak.watch import Row

_NOT_JUDGED = {"seconds", "jobs"}
_MIB = " MiB"
# Below these a difference is nothing that anybody would mind, however large a share it is. A Redis that holds
# 5 MiB keeps the pages of its peaks, and its tables double at times.
_LEAST = {"redis MiB": 2.0, "used_memory MiB": 0.5, "queue": 20.0, "median s": 0.1, "p95 s": 0.25}


def judge_all(rows: Sequence[Row], *, warm_up_seconds: float) -> list[Growth]:
    """Every series but time and jobs. Raises ValueError where the rest is too short."""
    rest = [row for row in rows if row["seconds"] > warm_up_seconds]
    names = [name for name in rows[0] if name not in _NOT_JUDGED]
    return [_judge(name, rest) for name in names]


def progress(row: Row) -> str:
    held = " ".join(f"{name.removesuffix(_MIB)} {row[name]:.1f}" for name in row if name.endswith(_MIB))
    return (
        f"{row['seconds']:6.0f} s {row['jobs']:7,.0f} jobs | MiB: {held} | keys {row['keys']:,.0f} "
        f"| queue {row['queue']:.0f} | {row['median s']:.2f} s, p95 {row['p95 s']:.2f} s"
    )


def report(found: Sequence[Growth], tally: Tally, *, judged_jobs: int) -> Iterator[str]:
    """The table, then a line for each growth and each trouble."""
    visits = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.by_visit.items()))
    yield f"\n{tally.submitted:,} jobs ({visits}), {judged_jobs:,} of them after the warm-up\n"
    yield f"{'series':20}{'first fifth':>12}{'last fifth':>12}{'growth':>9}   a leak that would be seen"
    for it in found:
        yield f"{it.name:20}{it.before:12.2f}{it.after:12.2f}{it.share:9.1%}   {_visible(it, judged_jobs)}"
    for it in found:
        if it.is_growth:
            yield f"GROWTH: {it.name} by {it.share:.1%}"
    for what, count in sorted(tally.troubles.items()):
        yield f"TROUBLE: {count} × {what}"


def _judge(name: str, rows: Sequence[Row]) -> Growth:
    # An interval in which nobody was answered has no latency.
    values = [row[name] for row in rows if not math.isnan(row[name])]
    return judge(name, values, least=_LEAST.get(name, 0.0))


def _visible(growth: Growth, jobs: int) -> str:
    if not growth.name.endswith(_MIB):
        return ""
    return f"{smallest_leak(growth, jobs) * 2**20:,.0f} bytes a job"
