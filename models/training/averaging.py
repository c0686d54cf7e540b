"""The average of several snapshots: one model that is steadier than any of them."""

from pathlib import Path
from typing import Any

from models.training import checkpoint, network


def average(snapshots: list[Path], run: Path, result: Path) -> None:
    """Write the mean of the weights in `snapshots` to `result`; ValueError where there are none."""
    from transformers import MarianMTModel

    if not snapshots:
        raise ValueError(f"no snapshots to average in {run}")
    model: Any = MarianMTModel.from_pretrained(snapshots[0])
    sums = {name: value.double() for name, value in model.state_dict().items()}
    for directory in snapshots[1:]:
        other: Any = MarianMTModel.from_pretrained(directory)
        for name, value in other.state_dict().items():
            sums[name] += value.double()
    mean = {name: (value / len(snapshots)).float() for name, value in sums.items()}
    model.load_state_dict(mean)
    network.save(model, run, result, checkpoint.seen(snapshots[-1]))
