"""The two SentencePiece vocabularies, one a language, with the ids that Marian checkpoints use."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.training.corpus import Pair

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

EOS, UNK = 0, 1
SYNTHETIC = "<bt>"  # the tag of back-translated sources (Caswell et al. 2019)
SIDES = ("source", "target")


def learn(
    sentences: Iterator[str], path: Path, size: int, threads: int = 2, symbols: Sequence[str] = ()
) -> None:
    """Write `path`: unigram pieces, every digit its own, unseen characters as bytes.

    `size` counts the pad token, which comes after the last piece and stands in no .spm file, and
    `symbols`, which are pieces whether or not they occur.
    """
    import sentencepiece

    with path.open("wb") as model:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=sentences,
            model_writer=model,
            model_type="unigram",
            vocab_size=size - 1,
            hard_vocab_limit=False,
            split_digits=True,
            byte_fallback=True,
            character_coverage=0.9995,
            input_sentence_size=400_000,
            eos_id=EOS,
            unk_id=UNK,
            bos_id=-1,
            pad_id=-1,
            user_defined_symbols=list(symbols),
            num_threads=threads,
            minloglevel=1,
        )


def load(directory: Path, side: str) -> "SentencePieceProcessor":
    import sentencepiece

    return sentencepiece.SentencePieceProcessor(model_file=str(directory / f"{side}.spm"))


def tag_of(processor: Any) -> int:
    """The piece before synthetic sources: SYNTHETIC, or <unk> in a vocabulary that was learnt without it,
    where bytes leave it unused."""
    tag: int = processor.piece_to_id(SYNTHETIC)
    return tag


def pieces_of(processor: Any, size: int) -> list[str]:
    """`size` pieces in the order of their ids; the pad token is the last.

    A corpus too small for `size` pieces leaves unused ones: both sides must be equally large.
    """
    learnt = [processor.id_to_piece(index) for index in range(len(processor))]
    unused = [f"<unused{number}>" for number in range(size - 1 - len(learnt))]
    return [*learnt, *unused, "<pad>"]


def weighted(pairs: list[Pair], weights: Mapping[str, float], side: str) -> Iterator[str]:
    """Sentences of one side, as often as their origin weighs: whole times, the rest by every n-th."""
    owed: dict[str, float] = {}
    for pair in pairs:
        owed[pair.origin] = owed.get(pair.origin, 0.0) + weights.get(pair.origin, 1.0)
        while owed[pair.origin] >= 1.0:
            owed[pair.origin] -= 1.0
            yield getattr(pair, side)
