"""Synthetic pairs: sentences of one language beside what a model makes of them.

From Arabic that is self-training, from English (with weights that translate into Arabic)
back-translation; what was written by people is the side to trust. Pairs that serving would flag are left out:
who learns from a bent number learns to bend numbers.
"""

import json
from pathlib import Path

from models.text.arabic import for_engine
from models.text.fidelity import flags
from models.training import checkpoint, corpus
from models.training.bulk import bulk_translator
from models.training.export import MANIFEST, read_manifest

_BLOCK = 2_000
_WEIGHTS = ("model.bin", checkpoint.WEIGHTS)  # exported; of a checkpoint


def synthesise(
    model: Path, text: Path, result: Path, *, keep: float, device: str, beam_size: int, reverse: bool
) -> int:
    """Write Arabic<TAB>English pairs: of the share `keep` of which the model is surest, those without a flag.

    Returns how many. `reverse`: the model translates from English; of exported weights their manifest says
    so. Stopped in any way it goes on with the block of lines that was not finished.
    """
    from tqdm import tqdm

    weights = [model / name for name in _WEIGHTS if (model / name).exists()]
    if not weights:
        raise FileNotFoundError(
            f"{model} has neither {' nor '.join(_WEIGHTS)}: give --model another directory"
        )
    blocks = result.with_name(f".blocks-{result.name}")
    blocks.mkdir(parents=True, exist_ok=True)
    _claim(blocks / "made_with.json", weights[0], text, beam_size)
    with corpus.open_text(text) as file:
        lines = list(dict.fromkeys(for_engine(line) for line in file))
    translator = None
    for start in tqdm(range(0, len(lines), _BLOCK), desc="translate"):
        block = blocks / f"{start:09d}.jsonl"
        if block.exists():
            continue
        translator = translator or bulk_translator(model, device, beam_size)
        made = translator.translate(lines[start : start + _BLOCK])
        with checkpoint.whole(block) as fresh:
            fresh.write_text("".join(json.dumps(row) + "\n" for row in made), "utf-8")
    texts = (block.read_text("utf-8") for block in sorted(blocks.glob("*.jsonl")))
    rows = [json.loads(row) for text_of_block in texts for row in text_of_block.splitlines()]
    surest = sorted(range(len(rows)), key=lambda index: rows[index][0], reverse=True)
    if (model / MANIFEST).exists():
        reverse = read_manifest(model)["source_language"] == "en"
    kept = [rows[index][1:] for index in sorted(surest[: round(keep * len(rows))])]
    pairs = [pair[::-1] if reverse else pair for pair in kept]
    sound = [pair for pair in tqdm(pairs, desc="check") if not flags(*pair)]
    with checkpoint.whole(result) as fresh, corpus.open_text(fresh, "w") as out:
        out.writelines("\t".join(pair) + "\n" for pair in sound)
    checkpoint.remove(blocks)
    return len(sound)


def _claim(path: Path, weights: Path, text: Path, beam_size: int) -> None:
    """The blocks beside `path` are of these weights and this text, or of no use."""
    made_with = {"model": checkpoint.sha256(weights), "text": checkpoint.sha256(text)}
    made_with["beam size"] = str(beam_size)
    if path.exists():
        checkpoint.require_same(path.parent, json.loads(path.read_text("utf-8")), made_with, "--into")
    path.write_text(json.dumps(made_with), "utf-8")
