"""Synthetic pairs: sentences of one language beside what a model makes of them.

From Arabic that is self-training, from English (with weights that translate into Arabic)
back-translation; what was written by people is the side to trust. Pairs that serving would flag are left out:
who learns from a bent number learns to bend numbers.
"""

import json
from pathlib import Path
from typing import NamedTuple, Self

from models.text.arabic import for_engine
from models.text.fidelity import flags
from models.training import checkpoint, corpus
from models.training.bulk import Pair, bulk_translator
from models.training.export import MANIFEST, read_manifest

_BLOCK = 2_000
_WEIGHTS = ("model.bin", checkpoint.WEIGHTS)  # exported; of a checkpoint


def synthesise(
    model: Path, text: Path, result: Path, *, keep: float, device: str, beam_size: int, reverse: bool
) -> tuple[int, int]:
    """Write Arabic<TAB>English pairs: of the share `keep` of which the model is surest, those without a flag.

    Returns how many, and how many were left out for a flag. `reverse`: the model translates from English;
    of exported weights their manifest says so. Stopped in any way it goes on with the block of lines that
    was not finished.
    """
    from tqdm import tqdm

    weights = [model / name for name in _WEIGHTS if (model / name).exists()]
    if not weights:
        raise FileNotFoundError(
            f"{model} has neither {' nor '.join(_WEIGHTS)}: give --model another directory"
        )
    if (model / MANIFEST).exists():
        reverse = read_manifest(model)["source_language"] == "en"
    blocks = result.with_name(f".blocks-{result.name}")
    blocks.mkdir(parents=True, exist_ok=True)
    _claim(blocks / "made_with.json", weights[0], text, beam_size, reverse)
    with corpus.open_text(text) as file:
        lines = list(dict.fromkeys(for_engine(line) for line in file))
    translator = None
    for start in tqdm(range(0, len(lines), _BLOCK), desc="translate"):
        block = blocks / f"{start:09d}.jsonl"
        if block.exists():
            continue
        translator = translator or bulk_translator(model, device, beam_size)
        rows = [_Row.of(made, reverse) for made in translator.translate(lines[start : start + _BLOCK])]
        with checkpoint.whole(block) as fresh:
            fresh.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    texts = (block.read_text("utf-8") for block in sorted(blocks.glob("*.jsonl")))
    rows = [_Row(*json.loads(row)) for text_of_block in texts for row in text_of_block.splitlines()]
    surest = sorted(range(len(rows)), key=lambda index: rows[index].score, reverse=True)
    kept = [rows[index] for index in sorted(surest[: round(keep * len(rows))])]
    sound = [row for row in kept if not row.flags]
    with checkpoint.whole(result) as fresh, corpus.open_text(fresh, "w") as out:
        out.writelines(f"{row.arabic}\t{row.english}\n" for row in sound)
    checkpoint.remove(blocks)
    return len(sound), len(kept) - len(sound)


class _Row(NamedTuple):
    score: float
    arabic: str
    english: str
    flags: list[str]

    @classmethod
    def of(cls, made: Pair, reverse: bool) -> Self:
        arabic, english = (made.translation, made.line) if reverse else (made.line, made.translation)
        return cls(made.score, arabic, english, flags(arabic, english))


def _claim(path: Path, weights: Path, text: Path, beam_size: int, reverse: bool) -> None:
    """The blocks beside `path` are of these weights and this text, or of no use."""
    made_with = {"model": checkpoint.sha256(weights), "text": checkpoint.sha256(text)}
    made_with |= {"beam size": str(beam_size), "direction": "en-ar" if reverse else "ar-en"}
    if path.exists():
        checkpoint.require_same(path.parent, json.loads(path.read_text("utf-8")), made_with, "--into")
    path.write_text(json.dumps(made_with), "utf-8")
