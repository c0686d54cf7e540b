"""The picture of a soak: four panels over time."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.soak.watch import Row

_PANELS = {
    "Resident memory, MiB": [
        "pool child MiB",
        "worker MiB",
        "gunicorn child MiB",
        "gunicorn MiB",
        "courier MiB",
        "redis MiB",
    ],
    "Redis used_memory, MiB": ["used_memory MiB"],
    "Keys in Redis; messages in queues": ["keys", "queue"],
    "Seconds from submission to end": ["median s", "p95 s"],
}


def draw(rows: Sequence[Row], *, warm_up_seconds: float, title: str, file: Path) -> None:
    figure = Figure(figsize=(11, 7), layout="constrained")
    figure.suptitle(title)
    minutes = [row["seconds"] / 60 for row in rows]
    for panel, (what, names) in zip(figure.subplots(2, 2).flat, _PANELS.items(), strict=True):
        _panel(panel, what)
        panel.axvspan(0, warm_up_seconds / 60, color="0.93")  # the warm-up, which is not judged
        for name in names:
            panel.plot(minutes, [row[name] for row in rows], linewidth=1, label=name.removesuffix(" MiB"))
        panel.set_ylim(0, 1.3 * panel.get_ylim()[1])  # with room for the legend
        panel.set_xlim(0, minutes[-1])
        if len(names) > 1:
            panel.legend(fontsize=8, loc="upper left", ncols=3)
    figure.savefig(file, dpi=80)


def _panel(panel: Axes, what: str) -> None:
    panel.set_title(what, fontsize=10)
    panel.set_xlabel("minutes", fontsize=8)
    panel.tick_params(labelsize=8)
    panel.grid(alpha=0.3)
