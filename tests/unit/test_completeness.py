"""The law of completeness: a translation that leaves anything out, or says nothing of it, never passes."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import IncompleteTranslation
from models.article import Article
from models.completeness import check_complete

TEXT = "أعلن الوزير خطة. وتبدأ غدا.\n\nومن ثم تنتهي."


@dataclass(frozen=True)
class Told:
    index: int
    source: str
    start: int
    end: int
    target: str = "English."
    flags: list[str] = field(default_factory=list)


def told(text: str) -> list[Told]:
    return [Told(it.index, text[it.start : it.end], it.start, it.end) for it in Article(text).segments]


FIRST, SECOND, THIRD = told(TEXT)


def test_a_complete_translation_passes() -> None:
    check_complete(TEXT, 3, [FIRST, SECOND, THIRD], 0)
    check_complete(TEXT, 3, [FIRST, replace(SECOND, flags=["truncated"]), THIRD], 1)
    check_complete(" \n", 0, [], 0)


@pytest.mark.parametrize(
    ("segments", "truncated", "why"),
    [
        ([FIRST, SECOND], 0, "3 segments and 2 came out"),
        ([FIRST, SECOND, THIRD, replace(THIRD, index=3)], 0, "3 segments and 4 came out"),
        ([SECOND, FIRST, THIRD], 0, "segment 1 stands in place 0"),
        ([FIRST, replace(SECOND, start=3), THIRD], 0, "after one that ends at"),
        ([FIRST, replace(SECOND, end=SECOND.start), THIRD], 0, "segment 1 is from"),
        ([FIRST, SECOND, replace(THIRD, end=len(TEXT) + 1)], 0, "segment 2 is from"),
        ([FIRST, replace(SECOND, start=SECOND.start + 1), THIRD], 0, "text before segment 1"),
        ([FIRST, replace(SECOND, source="وتبدأ اليوم."), THIRD], 0, "segment 1 is not what"),
        ([FIRST, replace(SECOND, target=" \n"), THIRD], 0, "segment 1 has no English"),
        ([FIRST, replace(SECOND, target="\ud83d"), THIRD], 0, "segment 1 cannot be written as UTF-8"),
        (
            [FIRST, SECOND, replace(THIRD, end=THIRD.end - 1, source=THIRD.source[:-1])],
            0,
            "text after the last segment",
        ),
        ([FIRST, SECOND, THIRD], 1, "1 segments were cut and 0 say so"),
        ([FIRST, replace(SECOND, flags=["truncated"]), THIRD], 0, "0 segments were cut and 1 say so"),
    ],
)
def test_what_is_lost_moved_doubled_or_cut_without_a_word_fails(
    segments: list[Told], truncated: int, why: str
) -> None:
    with pytest.raises(IncompleteTranslation, match=why) as raised:
        check_complete(TEXT, 3, segments, truncated)
    assert "الوزير" not in raised.value.detail


@given(st.text("ابت .؟\n،\u00a0\u200f\u0640aB1!", max_size=300), st.data())
def test_any_article_s_own_segments_pass_and_any_one_less_fails(text: str, data: st.DataObject) -> None:
    segments = told(text)
    check_complete(text, len(segments), segments, 0)
    if segments:
        left_out = data.draw(st.sampled_from(segments))
        with pytest.raises(IncompleteTranslation):
            check_complete(text, len(segments) - 1, [it for it in segments if it != left_out], 0)
