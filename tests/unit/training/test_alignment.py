"""Word alignment and the batches that carry it."""

from typing import Any

import numpy as np

from models.training import alignment
from models.training.batches import Batch, Maker, epoch
from models.training.corpus import Pair
from models.training.examples import Examples, tokenise
from models.training.recipe import Stage

_WORDS = 6
_PAD = 99


class Words:
    """Stands in for a SentencePiece processor: a word `w7` is the piece 7."""

    def encode(self, texts: Any, **_: Any) -> Any:
        return [[int(word[1:]) for word in text.split()] for text in texts]


def _reversed_corpus(pairs: int, seed: int = 1) -> list[Pair]:
    random = np.random.default_rng(seed)
    result = []
    for _ in range(pairs):
        words = random.integers(2, 20, int(random.integers(2, _WORDS)))
        source = " ".join(f"w{word}" for word in words)
        target = " ".join(f"w{word + 20}" for word in words[::-1])
        result.append(Pair("toy", source, target))
    return result


def _examples(pairs: int = 300) -> Examples:
    return tokenise(_reversed_corpus(pairs), Words(), Words())


def _epoch(
    examples: Examples, stage: Stage, seed: int = 1, lexicon: alignment.Lexicon | None = None
) -> list[Batch]:
    maker = Maker(examples, Words(), _PAD, lexicon)
    return [maker.make(order) for order in epoch(examples, stage, 60, (seed,), linked=lexicon is not None)]


def _stage(**changes: Any) -> Stage:
    return Stage(**{"until": 1.0, "weights": {"toy": 1.0}, "max_tokens": 50, **changes})


def test_alignment_finds_the_words_of_a_language_written_backwards() -> None:
    examples = _examples()
    lexicon = alignment.learn(examples.sources, examples.targets, (20, 40))
    assert all(lexicon.probability[word].argmax() == word + 20 for word in range(2, 20))
    source, target = np.array([3, 9, 4], np.int32), np.array([24, 29, 23], np.int32)
    assert alignment.links(lexicon, source, target).tolist() == [2, 1, 0]


def test_a_piece_that_nothing_explains_is_not_linked() -> None:
    probability = np.full((20, 40), 1e-7, np.float32)
    probability[0, 30] = 0.5
    lexicon = alignment.Lexicon(probability)
    assert alignment.links(lexicon, np.array([5], np.int32), np.array([30], np.int32)) == [-1]


def test_an_epoch_sees_every_pair_once_and_keeps_to_the_token_budget() -> None:
    examples = _examples()
    batches = _epoch(examples, _stage())
    assert sum(len(batch.source) for batch in batches) == 300
    assert max(batch.source.size for batch in batches) <= 60


def test_the_same_seed_gives_the_same_batches_and_another_seed_others() -> None:
    def rows(seed: int) -> list[list[list[int]]]:
        return [batch.source.tolist() for batch in _epoch(_examples(), _stage(), seed)]

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_a_weight_below_one_samples_and_an_unnamed_origin_is_left_out() -> None:
    examples = _examples()
    half = _epoch(examples, _stage(weights={"toy": 0.5}))
    assert 100 < sum(len(batch.source) for batch in half) < 200
    assert _epoch(examples, _stage(weights={"other": 1.0})) == []


def _joined(batches: list[Batch]) -> list[tuple[list[int], list[int], list[int]]]:
    found = []
    for batch in batches:
        for source, target, linked in zip(batch.source, batch.target, batch.links, strict=True):
            real = [int(i) for i in target if i != _PAD]
            if len(real) > _WORDS:
                found.append(([int(i) for i in source if i != _PAD], real, linked.tolist()))
    return found


def test_joined_pairs_keep_their_links() -> None:
    lexicon = alignment.Lexicon(np.eye(20, 40, 20, dtype=np.float32))
    rows = _joined(_epoch(_examples(), _stage(joined=0.5), lexicon=lexicon))
    assert rows
    for source, target, linked in rows:
        assert [source[place] + 20 for place in linked[: len(target) - 1]] == target[:-1]
        assert linked[len(target) - 1] == len(source) - 1


def test_a_stage_skips_pairs_that_are_too_long() -> None:
    batches = _epoch(_examples(), _stage(max_tokens=4))
    assert max(batch.source.shape[1] for batch in batches) == 4
