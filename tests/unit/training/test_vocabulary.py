"""The vocabularies: digits apart, nothing unknown, one pad after the last piece."""

from pathlib import Path

import pytest

from models.training import vocabulary
from models.training.corpus import Pair
from tests.unit.training.toy import SENTENCES

pytest.importorskip("sentencepiece")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("vocabulary")
    vocabulary.learn(iter([target for _, target in SENTENCES]), directory / "target.spm", 360)
    return directory


def test_every_digit_is_a_piece_of_its_own(directory: Path) -> None:
    processor = vocabulary.load(directory, "target")
    assert processor.encode("2021", out_type=str)[-4:] == ["2", "0", "2", "1"]


def test_an_unseen_character_comes_back_whole(directory: Path) -> None:
    processor = vocabulary.load(directory, "target")
    assert processor.decode(processor.encode("the €uro")) == "the €uro"


def test_ids_are_those_of_marian_checkpoints(directory: Path) -> None:
    pieces = vocabulary.pieces_of(vocabulary.load(directory, "target"), 400)
    assert pieces[vocabulary.EOS] == "</s>"
    assert pieces[vocabulary.UNK] == "<unk>"
    assert pieces[-1] == "<pad>"
    assert len(set(pieces)) == len(pieces) == 400


def test_synthetic_sources_have_a_tag_even_where_the_vocabulary_was_learnt_without_it(
    directory: Path, tmp_path: Path
) -> None:
    assert vocabulary.tag_of(vocabulary.load(directory, "target")) == vocabulary.UNK
    sentences = iter([target for _, target in SENTENCES])
    vocabulary.learn(sentences, tmp_path / "target.spm", 360, symbols=[vocabulary.SYNTHETIC])
    processor = vocabulary.load(tmp_path, "target")
    assert processor.id_to_piece(vocabulary.tag_of(processor)) == vocabulary.SYNTHETIC


def test_a_weight_is_how_often_a_sentence_counts() -> None:
    pairs = [Pair("a", "x", ""), *[Pair("b", "y", "")] * 4, Pair("c", "z", "")]
    drawn = list(vocabulary.weighted(pairs, {"a": 2, "b": 0.5, "c": 0}, "source"))
    assert drawn == ["x", "x", "y", "y"]
