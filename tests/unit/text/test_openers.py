"""How sentences open: what may be dropped, what leans on the sentence before it, and what must stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.article import Article
from models.text.arabic import for_engine
from models.text.openers import Opening, opening
from tests.unit.text.opener_cases import JOINED, LEANING, WHOLE


@pytest.mark.parametrize("marked", JOINED)
def test_what_only_joins_a_sentence_to_the_one_before_can_go(marked: str) -> None:
    joint, left = marked.split("|")
    assert opening(joint + left) == Opening(joins=len(joint))
    assert opening(left) == Opening(), "what is left stands alone"


@pytest.mark.parametrize("sentence", LEANING)
def test_a_sentence_whose_speaker_or_subject_stands_before_it_leans_and_loses_nothing(sentence: str) -> None:
    assert opening(sentence) == Opening(leans=True)


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_sentence_that_stands_alone_is_left_alone(sentence: str) -> None:
    assert opening(sentence) == Opening()


@given(st.sampled_from([it.replace("|", "") for it in JOINED]) | st.text(max_size=80))
def test_what_is_left_is_the_end_of_the_sentence(sentence: str) -> None:
    found = opening(sentence)
    assert 0 <= found.joins < max(1, len(sentence))
    assert not (found.leans and found.joins)


@pytest.mark.parametrize("marked", JOINED)
def test_articles_of_one_normal_form_lose_the_same(marked: str) -> None:
    """Results are shared between such articles, and rebased on each."""
    joint, left = marked.split("|")
    vowelled = "\u064e".join(joint) + left
    assert Article(vowelled).normal_form == Article(joint + left).normal_form
    assert for_engine(vowelled[opening(vowelled).joins :]) == for_engine(left)
