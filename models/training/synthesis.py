"""Synthetic pairs: sentences of one language beside what exported weights make of them.

From Arabic that is self-training, from English (with weights that translate into Arabic)
back-translation; what was written by people is the side to trust.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from models.text.arabic import for_engine
from models.training import checkpoint, corpus, vocabulary
from models.training.export import read_manifest

_BLOCK = 2_000
_EOS = "</s>"
_LONGEST = 3  # times as many pieces as the source; what is longer is a loop


class BulkTranslator:
    """CTranslate2 weights with all the machine to themselves."""

    def __init__(self, model: Path, device: str, beam_size: int) -> None:
        import ctranslate2

        self._source, self._target = (vocabulary.load(model, side) for side in vocabulary.SIDES)
        self._translator = ctranslate2.Translator(str(model), device=device)
        self._max_tokens = read_manifest(model)["max_source_tokens"]
        self._beam_size = beam_size

    def translate(self, lines: list[str]) -> Iterator[tuple[float, str, str]]:
        """Log-probability per piece, line and translation; a line that is too long, or whose
        translation does not end, is left out."""
        encoded = [(line, self._source.encode(line, out_type=str)) for line in lines]
        fitting = [(line, pieces) for line, pieces in encoded if 0 < len(pieces) < self._max_tokens]
        results = self._translator.translate_batch(
            [[*pieces, _EOS] for _, pieces in fitting],
            beam_size=self._beam_size,
            max_batch_size=8_000,
            batch_type="tokens",
            max_decoding_length=_LONGEST * max((len(pieces) for _, pieces in fitting), default=0) + 10,
            return_scores=True,
            return_end_token=True,
        )
        for (line, _), result in zip(fitting, results, strict=True):
            pieces = result.hypotheses[0]
            if pieces[-1:] == [_EOS] and len(pieces) > 1:
                yield result.scores[0], line, self._target.decode(pieces[:-1]).strip()


def synthesise(model: Path, text: Path, result: Path, *, keep: float, device: str, beam_size: int) -> int:
    """Write Arabic<TAB>English pairs, the share `keep` of which the model is surest; returns how many.

    Stopped in any way it goes on with the block of lines that was not finished.
    """
    from tqdm import tqdm

    blocks = result.with_name(f".blocks-{result.name}")
    blocks.mkdir(parents=True, exist_ok=True)
    _claim(blocks / "made_with.json", model, text, beam_size)
    with corpus.open_text(text) as file:
        lines = list(dict.fromkeys(for_engine(line) for line in file))
    translator = None
    for start in tqdm(range(0, len(lines), _BLOCK), desc="translate"):
        block = blocks / f"{start:09d}.jsonl"
        if block.exists():
            continue
        translator = translator or BulkTranslator(model, device, beam_size)
        made = translator.translate(lines[start : start + _BLOCK])
        with checkpoint.whole(block) as fresh:
            fresh.write_text("".join(json.dumps(row) + "\n" for row in made), "utf-8")
    texts = (block.read_text("utf-8") for block in sorted(blocks.glob("*.jsonl")))
    rows = [json.loads(row) for text_of_block in texts for row in text_of_block.splitlines()]
    surest = sorted(range(len(rows)), key=lambda index: rows[index][0], reverse=True)
    kept = [rows[index][1:] for index in sorted(surest[: round(keep * len(rows))])]
    reverse = read_manifest(model)["source_language"] == "en"
    with checkpoint.whole(result) as fresh, corpus.open_text(fresh, "w") as out:
        out.writelines("\t".join(reversed(row) if reverse else row) + "\n" for row in kept)
    checkpoint.remove(blocks)
    return len(kept)


def _claim(path: Path, model: Path, text: Path, beam_size: int) -> None:
    """The blocks beside `path` are of this model and text, or of no use."""
    made_with = {"model": checkpoint.sha256(model / "model.bin"), "text": checkpoint.sha256(text)}
    made_with["beam size"] = str(beam_size)
    if path.exists():
        checkpoint.require_same(path.parent, json.loads(path.read_text("utf-8")), made_with, "--into")
    path.write_text(json.dumps(made_with), "utf-8")
