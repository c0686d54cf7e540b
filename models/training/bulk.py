"""Translators with all the machine to themselves: of exported weights, or of a checkpoint where torch is
all that there is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from models.engines.batches import by_token_budget
from models.engines.device import cores
from models.training import vocabulary
from models.training.export import MANIFEST, read_manifest

_LONGEST = 3  # times as many pieces as the source; what is longer is a loop
_MORE = 10
_TOKENS = 8_000
# Of a checkpoint's batch, padding included: each step's scores of the whole vocabulary are kept.
_CHECKPOINT_TOKENS = {"cpu": 2_000, "cuda": 16_000}


class Pair(NamedTuple):
    """`score` is the log-probability per piece of `translation`."""

    score: float
    line: str
    translation: str


class BulkTranslator(Protocol):
    def translate(self, lines: list[str]) -> Iterator[Pair]:
        """A line that is too long, or whose translation does not end, is left out."""
        ...


def bulk_translator(model: Path, device: str, beam_size: int) -> BulkTranslator:
    if (model / MANIFEST).exists():
        return ExportedTranslator(model, device, beam_size)
    return CheckpointTranslator(model, device, beam_size)


class ExportedTranslator:
    """CTranslate2 weights."""

    def __init__(self, model: Path, device: str, beam_size: int) -> None:
        import ctranslate2

        self._source, self._target = (vocabulary.load(model, side) for side in vocabulary.SIDES)
        on_gpu = device != "cpu" and ctranslate2.get_cuda_device_count() > 0
        # A batch for each thread: threads that share one wait for each other.
        threads = {"inter_threads": 1} if on_gpu else {"inter_threads": cores(), "intra_threads": 1}
        self._translator = ctranslate2.Translator(str(model), device=device, **threads)
        self._max_tokens = read_manifest(model)["max_source_tokens"]
        self._beam_size = beam_size

    def translate(self, lines: list[str]) -> Iterator[Pair]:
        encoded = [(line, self._source.encode(line, out_type=str)) for line in lines]
        fitting = [(line, pieces) for line, pieces in encoded if 0 < len(pieces) < self._max_tokens]
        end = self._source.id_to_piece(vocabulary.EOS)
        results = self._translator.translate_batch(
            [[*pieces, end] for _, pieces in fitting],
            beam_size=self._beam_size,
            max_batch_size=_TOKENS,
            batch_type="tokens",
            max_decoding_length=_LONGEST * max((len(pieces) for _, pieces in fitting), default=0) + _MORE,
            return_scores=True,
            return_end_token=True,
        )
        for (line, _), result in zip(fitting, results, strict=True):
            pieces = result.hypotheses[0]
            if pieces[-1:] == [end] and len(pieces) > 1:
                yield Pair(result.scores[0], line, self._target.decode(pieces[:-1]).strip())


class CheckpointTranslator:
    """A checkpoint of ours, in bfloat16 on a GPU."""

    def __init__(self, model: Path, device: str, beam_size: int) -> None:
        import torch
        from transformers import MarianMTModel

        from models.training.network import device_of

        self._device = device_of(device)
        self._source, self._target = (vocabulary.load(model, side) for side in vocabulary.SIDES)
        dtype = torch.bfloat16 if self._device.type == "cuda" else torch.float32
        self._network: Any = MarianMTModel.from_pretrained(model, dtype=dtype).to(self._device).eval()
        self._pad = self._network.config.pad_token_id
        self._beam_size = beam_size

    def translate(self, lines: list[str]) -> Iterator[Pair]:
        longest = self._network.config.max_position_embeddings // _LONGEST - _MORE
        encoded = [(line, [*self._source.encode(line), vocabulary.EOS]) for line in lines]
        fitting = [(line, ids) for line, ids in encoded if 1 < len(ids) <= longest]
        pairs: dict[str, Pair] = {}
        for batch in by_token_budget([len(ids) for _, ids in fitting], _CHECKPOINT_TOKENS[self._device.type]):
            pairs |= {pair.line: pair for pair in self._batch([fitting[index] for index in batch])}
        yield from (pairs[line] for line in lines if line in pairs)

    def _batch(self, batch: list[tuple[str, list[int]]]) -> Iterator[Pair]:
        import torch

        longest = max(len(ids) for _, ids in batch)
        source = torch.tensor([ids + [self._pad] * (longest - len(ids)) for _, ids in batch])
        with torch.inference_mode():
            made = self._network.generate(
                input_ids=source.to(self._device),
                attention_mask=(source != self._pad).long().to(self._device),
                max_new_tokens=_LONGEST * longest + _MORE,
                num_beams=max(2, self._beam_size),  # only a beam tells its scores
                do_sample=False,
                return_dict_in_generate=True,
                output_scores=True,
            )
        rows = zip(batch, made.sequences.tolist(), made.sequences_scores.tolist(), strict=True)
        for (line, _), ids, score in rows:
            own = [piece for piece in ids[1:] if piece != self._pad]
            if own[-1:] == [vocabulary.EOS] and len(own) > 1:
                yield Pair(score, line, self._target.decode(own[:-1]).strip())
