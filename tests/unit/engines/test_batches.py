"""Batches: nothing lost in cutting, no budget broken in packing."""

from hypothesis import given
from hypothesis import strategies as st

from models.engines.batches import by_token_budget, fit


def count_words(text: str) -> int:
    return len(text.split())


@given(st.lists(st.integers(1, 300), max_size=200), st.integers(64, 512))
def test_every_text_is_in_exactly_one_batch_and_no_batch_is_over_the_budget(
    lengths: list[int], budget: int
) -> None:
    batches = list(by_token_budget(lengths, budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(st.lists(st.integers(1, 300), min_size=1, max_size=200))
def test_batches_come_longest_first(lengths: list[int]) -> None:
    order = [lengths[index] for batch in by_token_budget(lengths, 512) for index in batch]
    assert order == sorted(lengths, reverse=True)


@given(st.text(alphabet="ابت، .", max_size=400), st.integers(1, 12))
def test_cutting_loses_only_white_space(text: str, limit: int) -> None:
    pieces = fit(text, limit, count_words)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(alphabet="ابت، .", max_size=400), st.integers(1, 12))
def test_no_piece_is_over_the_limit(text: str, limit: int) -> None:
    assert all(count_words(piece) <= limit for piece in fit(text, limit, count_words))


def test_one_endless_word_is_cut_inside() -> None:
    pieces = fit("ب" * 1000, 100, len)
    assert "".join(pieces) == "ب" * 1000
    assert max(map(len, pieces)) <= 100


def test_a_cut_prefers_a_clause_end_near_the_middle() -> None:
    assert fit("one two three, four five six seven", 4, count_words) == [
        "one two three,",
        "four five six seven",
    ]
