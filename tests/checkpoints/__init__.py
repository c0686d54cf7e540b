"""Tiny checkpoints in the formats of the hub: true tokenizer files and configs, few weights, toy words."""

from pathlib import Path

from models.catalog import Family
from tests.checkpoints.layouts import Layout, facts_of
from tests.checkpoints.vocabularies import write_tokenizer

__all__ = ["Layout", "facts_of", "write_checkpoint", "write_tokenizer"]


def write_checkpoint(layout: Family | Layout, directory: Path, *, steps: int = 0) -> Path:
    """A hub folder: config, safetensors, tokenizer. Trained on the toy language for `steps`; needs torch.

    A family stands for the commonest layout in it.
    """
    from tests.checkpoints.weights import write_weights

    layout = Layout.of(layout)
    directory.mkdir(parents=True, exist_ok=True)
    size = write_tokenizer(layout, directory)
    write_weights(layout, directory, size, steps=steps)
    return directory
