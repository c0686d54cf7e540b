"""The feed: the same batches from any number of processes, and sources that are segmented by the seed."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from models.training import vocabulary
from models.training.batches import Batch, epoch
from models.training.corpus import Pair, write_prepared
from models.training.examples import PAIRS, TOKENS, load, load_or_tokenise
from models.training.feed import Feed
from models.training.recipe import Stage
from models.training.segmentation import Segmenter
from tests.unit.training.toy import SENTENCES

pytest.importorskip("sentencepiece")

_SIZE = 360
_PAD = _SIZE - 1


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up pairs of two origins, one of them synthetic, tokenised."""
    run = tmp_path_factory.mktemp("run")
    pairs = [Pair("toy" if index % 3 else "back", *pair) for index, pair in enumerate(SENTENCES)]
    write_prepared(run / PAIRS, pairs)
    for number, side in enumerate(vocabulary.SIDES):
        lines = [pair[number] for pair in SENTENCES]
        vocabulary.learn(iter(lines), run / f"{side}.spm", _SIZE, symbols=[vocabulary.SYNTHETIC])
    load_or_tokenise(run, {"toy", "back"}, {"back"})
    return run


def _batches(run: Path, *, workers: int = 0, alpha: float = 0.0, seed: int = 1, skip: int = 0) -> list[Batch]:
    stage = Stage(until=1.0, weights={"toy": 2.0, "back": 1.0}, max_tokens=80, joined=0.2)
    orders = list(epoch(load(run), stage, 300, (seed,), alpha=alpha))
    feed = Feed(run, _PAD, workers)
    try:
        return list(feed.batches(orders[skip:]))
    finally:
        feed.close()


def _sources(batches: list[Batch]) -> list[list[list[int]]]:
    return [batch.source.tolist() for batch in batches]


def test_processes_make_the_batches_that_one_would_make_and_in_its_order(run: Path) -> None:
    alone, together = _batches(run, alpha=0.3), _batches(run, alpha=0.3, workers=2)
    assert len(alone) > 10
    assert _sources(alone) == _sources(together)
    assert all(np.array_equal(a.target, b.target) for a, b in zip(alone, together, strict=True))


def test_a_run_that_goes_on_sees_the_segmentations_that_it_would_have_seen(run: Path) -> None:
    assert _sources(_batches(run, alpha=0.3))[5:] == _sources(_batches(run, alpha=0.3, skip=5))


def test_a_sampled_source_is_the_same_text_in_other_pieces(run: Path) -> None:
    processor = vocabulary.load(run, "source")

    def texts(batches: list[Batch]) -> list[str]:
        rows = [row for batch in batches for row in batch.source.tolist()]
        return [processor.decode([i for i in row if i not in (_PAD, vocabulary.EOS)]) for row in rows]

    plain, drawn = _batches(run), _batches(run, alpha=0.3)
    assert _sources(plain) != _sources(drawn)
    assert texts(plain) == texts(drawn)


def test_a_batch_counts_the_target_tokens_of_each_origin(run: Path) -> None:
    assert load(run).names == ["back", "toy"]
    tag = vocabulary.load(run, "source").piece_to_id(vocabulary.SYNTHETIC)
    batches = _batches(run)
    for batch in batches:
        lengths, tagged = (batch.target != _PAD).sum(axis=1), batch.source[:, 0] == tag
        assert batch.seen.tolist() == [lengths[tagged].sum(), lengths[~tagged].sum()]
    assert sum(batch.seen for batch in batches).all()


@pytest.mark.parametrize("alpha", [0.0, 0.3])
def test_sources_of_a_tagged_origin_begin_with_the_tag_and_no_other_does(run: Path, alpha: float) -> None:
    tag = vocabulary.load(run, "source").piece_to_id(vocabulary.SYNTHETIC)
    stage = Stage(until=1.0, weights={"back": 1.0}, max_tokens=80)
    for origin in ("back", "toy"):
        stage = Stage(until=1.0, weights={origin: 1.0}, max_tokens=80)
        feed = Feed(run, _PAD)
        for batch in feed.batches(epoch(load(run), stage, 300, (1,), alpha=alpha)):
            assert set(batch.source[:, 0] == tag) == {origin == "back"}
            assert not (batch.source[:, 1:] == tag).any()


def test_pairs_are_tokenised_again_only_for_other_pairs_origins_or_pieces(run: Path) -> None:
    made = (run / TOKENS).stat().st_mtime_ns
    assert len(load_or_tokenise(run, {"back", "toy"}, {"back"}).sources) == len(SENTENCES)
    assert (run / TOKENS).stat().st_mtime_ns == made
    assert set(load_or_tokenise(run, {"toy"}).origins) == {"toy"}
    load_or_tokenise(run, {"toy", "back"}, {"back"})


def test_tokens_stand_in_for_the_pairs_where_only_they_were_brought(run: Path, tmp_path: Path) -> None:
    for name in (TOKENS, "source.spm", "target.spm"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    assert len(load_or_tokenise(tmp_path, {"back", "toy"}, {"back"}).targets) == len(SENTENCES)


def test_likelier_segmentations_are_drawn_more_often_and_alpha_evens_them_out(run: Path) -> None:
    processor, word = vocabulary.load(run, "source"), SENTENCES[0][0].split()[1]

    def share_of_best(alpha: float) -> float:
        segmenter, random = Segmenter(processor, alpha), Random(1)
        drawn = [segmenter.draw(word, random) for _ in range(300)]
        assert {processor.decode(ids) for ids in drawn} == {word}
        return drawn.count(processor.encode(word)) / len(drawn)

    assert share_of_best(5.0) > share_of_best(0.5) > share_of_best(0.0) > 0.0
