"""Preparing the corpus: what is normalised, what is refused, what evaluation keeps to itself."""

import hashlib
import json
import lzma
from pathlib import Path

import pytest

from models.training import stages
from models.training.corpus import Cleaner, HeldOut, Pair, read_pairs, read_prepared


def _clean(*pairs: tuple[str, str], held_out: tuple[str, ...] = ()) -> tuple[list[Pair], Cleaner]:
    cleaner = Cleaner(HeldOut(held_out))
    return list(cleaner.clean(Pair("toy", *pair) for pair in pairs)), cleaner


def test_both_sides_are_normalised_as_in_serving() -> None:
    kept, _ = _clean(("هل وَصَلَ الوفد؟", "Did the “delegation” arrive?"))
    assert kept == [Pair("toy", "هل وصل الوفد?", 'Did the "delegation" arrive?')]


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("", "Nothing here.", "empty"),
        ("Only English here.", "Only English here.", "source not Arabic"),
        ("وصل الوفد أمس", "The وفد arrived yesterday", "Arabic in target"),
        ("نعم", "Yes, and then a great many more words than the source has.", "lengths differ"),
        ("كلمة " * 200, "word " * 200, "too long"),
    ],
)
def test_a_bad_pair_is_refused_with_its_reason(source: str, target: str, reason: str) -> None:
    kept, cleaner = _clean((source, target))
    assert kept == []
    assert cleaner.refused == {reason: 1}


def test_pairs_that_differ_only_in_marks_and_spelling_of_alef_are_one() -> None:
    kept, cleaner = _clean(("أعلن الوزير", "The minister said"), ("اعلنَ الوزير", "the minister said"))
    assert len(kept) == 1
    assert cleaner.refused == {"duplicate": 1}


def test_a_second_translation_of_a_sentence_stays() -> None:
    kept, _ = _clean(("أعلن الوزير", "The minister said"), ("أعلن الوزير", "The minister declared"))
    assert len(kept) == 2


@pytest.mark.parametrize(
    "pair",
    [
        ("جملة الاختبار", "Something else entirely"),
        ("شيء آخر تماما", "The test sentence!"),
        (
            "قال كاتب إن العلماء في كلية الطب أعلنوا أمس عن اختراع أداة",
            "A writer said that scientists announced a tool",
        ),
    ],
)
def test_a_pair_that_repeats_evaluation_text_is_refused(pair: tuple[str, str]) -> None:
    held_out = (
        "جُملة الإختبار",
        "the test sentence",
        "إن العلماء في كلية الطب أعلنوا أمس عن اختراع أداة جديدة",
    )
    kept, cleaner = _clean(pair, held_out=held_out)
    assert kept == []
    assert cleaner.refused == {"in an evaluation set": 1}


def test_a_line_without_a_tab_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.tsv"
    path.write_text("وصل الوفد\tThe delegation arrived\nno tab\n", "utf-8")
    with pytest.raises(ValueError, match=r"broken\.tsv:2"):
        list(read_pairs(path))


def test_a_reverse_run_reads_english_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "news.tsv").write_text("وصل الوفد\tThe delegation arrived\n", "utf-8")
    counts = stages.prepare([tmp_path / "news.tsv"], [], tmp_path / "run", reverse=True)
    assert list(read_prepared(tmp_path / "run" / stages.PAIRS)) == [
        Pair("news", "The delegation arrived", "وصل الوفد")
    ]
    assert (counts["source_language"], counts["target_language"]) == ("en", "ar")


def test_prepare_reads_plain_and_xz_files_and_leaves_counts(tmp_path: Path) -> None:
    plain, packed = tmp_path / "news.tsv", tmp_path / "human.tsv.xz"
    plain.write_text("وصل الوفد\tThe delegation arrived\n", "utf-8")
    with lzma.open(packed, "wt", encoding="utf-8") as out:
        out.write("وصل الوفد\tThe delegation arrived\nغادر الوفد\tThe delegation left\n")
    evaluation = tmp_path / "eval.ar"
    evaluation.write_text("جملة الاختبار\n", "utf-8")
    run = tmp_path / "run"
    stages.prepare([plain, packed], [evaluation], run)
    assert list(read_prepared(run / stages.PAIRS)) == [
        Pair("news", "وصل الوفد", "The delegation arrived"),
        Pair("human", "غادر الوفد", "The delegation left"),
    ]
    counts = json.loads((run / stages.COUNTS).read_text("utf-8"))
    assert counts["kept"] == {"news": 1, "human": 1}
    assert counts["refused"] == {"duplicate": 1}
    assert [named["file"] for named in counts["inputs"]] == ["news.tsv", "human.tsv.xz"]
    text = evaluation.read_bytes()
    assert counts["held_out"] == [{"file": "eval.ar", "sha256": hashlib.sha256(text).hexdigest()}]
