"""ROUGE for Arabic: identical texts score 1, spellings of a word match, nothing matches by being empty."""

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.rouge import Rouge, common_subsequence, rouge_l, rouge_n, tokens

PERFECT = Rouge(1.0, 1.0, 1.0)
WORDS = st.lists(st.sampled_from(["وصل", "الوزير", "إلى", "بغداد", "أمس"]), max_size=12)


@given(st.text(max_size=60), st.booleans())
def test_identical_strings_score_one(text: str, stemmed: bool) -> None:
    for n in (1, 2, 3):
        assert rouge_n(text, [text], n, stemmed=stemmed) == PERFECT
    assert rouge_l(text, [text], stemmed=stemmed) == PERFECT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("وَصَلَ الوَزِيرُ", "وصل الوزير"),
        ("الوزيـــر", "الوزير"),
        ("أكد إلى آخر ٱسم", "اكد الى اخر اسم"),
        ("مستشفى", "مستشفي"),
        ("زيارة", "زياره"),
        ("عام ٢٠٢٤", "عام 2024"),
        ("عام ۲۰۲۴", "عام 2024"),
        ("«قال، نعم؛ ثم مضى.»", "قال نعم ثم مضى"),
    ],
)
def test_spellings_of_the_same_words_match(one: str, other: str) -> None:
    assert rouge_n(one, [other]) == PERFECT


def test_the_figures_are_those_of_the_definition() -> None:
    candidate, reference = "وصل الوزير إلى بغداد", "وصل الوزير الفرنسي إلى بغداد صباح أمس"
    assert rouge_n(candidate, [reference]) == Rouge(4 / 4, 4 / 7, 8 / 11)
    assert rouge_n(candidate, [reference], 2) == Rouge(2 / 3, 2 / 6, 4 / 9)
    assert rouge_l(candidate, [reference]) == Rouge(4 / 4, 4 / 7, 8 / 11)
    assert rouge_l("بغداد إلى الوزير وصل", [reference]) == Rouge(1 / 4, 1 / 7, 2 / 11)


def test_a_word_counts_as_often_as_both_have_it() -> None:
    assert rouge_n("لا لا لا", ["لا نعم"]) == Rouge(1 / 3, 1 / 2, 2 / 5)


def test_several_references_give_the_mean_of_their_scores() -> None:
    assert rouge_n("وصل الوزير", ["وصل الوزير", "غادر السفير"]) == Rouge(0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="reference"):
        rouge_n("وصل", [])


def test_stems_match_where_words_do_not() -> None:
    assert rouge_n("المهندسون", ["مهندسين"]).f == 0
    assert rouge_n("المهندسون", ["مهندسين"], stemmed=True) == PERFECT


class _NoStems:
    def stemWord(self, _word: str) -> str:  # noqa: N802  Snowball's name
        return ""


def test_words_without_a_stem_do_not_match_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snowballstemmer, "stemmer", lambda _language: _NoStems())
    assert rouge_n("هلالكما", ["والفبال"], stemmed=True).f == 0
    assert tokens("هلالكما هما", stemmed=True) == ("هلالكما", "هما")


def test_texts_without_words_match_nothing_but_themselves() -> None:
    assert rouge_n("؟", ["!"]).f == 0
    assert rouge_n("", ["وصل الوزير"]) == rouge_n("وصل الوزير", [""]) == Rouge(0, 0, 0)


@given(WORDS, WORDS)
def test_the_common_subsequence_is_the_longest(one: list[str], other: list[str]) -> None:
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, word in enumerate(one):
        for j, its in enumerate(other):
            longest = max(lengths[i][j + 1], lengths[i + 1][j])
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if word == its else longest
    assert common_subsequence(one, other) == lengths[-1][-1]
