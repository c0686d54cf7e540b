"""The extractive summariser: the lead first, no headings, nothing twice or dangling, always the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engines.extractive import excerpts, fill, is_heading, rank, summarise
from models.text.openers import opening

NEWS = [
    "الكويت تستقبل رئيس الوزراء العراقي",
    "وصل رئيس الوزراء العراقي إلى الكويت أمس في زيارة رسمية لبحث العلاقات بين البلدين.",
    "والتقى رئيس الوزراء العراقي أمير الكويت وبحث معه ملفات الحدود والاستثمار.",
    "وأكد الجانبان أهمية تعزيز التعاون الاقتصادي والأمني بين العراق والكويت.",
    "خلفية الزيارة",
    "واستأنف البلدان علاقاتهما عام 2003 بعد سقوط النظام السابق.",
    "وكانت الكويت استضافت عام 2018 مؤتمرا دوليا لإعادة إعمار العراق.",
    "وتوقع خبراء الأرصاد هطول أمطار غزيرة على السواحل الغربية.",
]
SEGMENTS = st.lists(st.text(max_size=60) | st.sampled_from(NEWS), max_size=30)


@given(SEGMENTS, st.integers(1, 12))
def test_it_gives_as_many_sentences_as_asked_in_article_order(segments: list[str], count: int) -> None:
    chosen = summarise(segments, sentences=count)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(count, len(segments))
    assert all(0 <= index < len(segments) for index in chosen)


@given(SEGMENTS)
def test_the_same_article_gives_the_same_summary(segments: list[str]) -> None:
    assert summarise(segments) == summarise(list(segments))


@given(SEGMENTS)
def test_the_ranking_holds_every_segment_once(segments: list[str]) -> None:
    assert sorted(rank(segments)) == list(range(len(segments)))


def test_three_sentences_unless_told_otherwise() -> None:
    assert len(summarise(NEWS)) == 3


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_a_short_article_comes_back_whole(length: int) -> None:
    assert summarise(NEWS[:length]) == list(range(length))


def test_the_lead_is_in_every_summary_and_headings_are_in_none() -> None:
    for count in range(1, 7):
        chosen = summarise(NEWS, sentences=count)
        assert 1 in chosen
        assert not {0, 4} & set(chosen)


def test_headings_fill_up_only_when_there_are_too_few_sentences() -> None:
    assert summarise(NEWS, sentences=7) == [0, 1, 2, 3, 5, 6, 7]


def test_what_the_article_is_about_beats_an_aside_of_about_the_same_place() -> None:
    aside, central = NEWS[7], NEWS[3]
    assert rank([*NEWS[:3], aside, central]).index(4) < rank([*NEWS[:3], aside, central]).index(3)


def test_an_aside_near_the_top_beats_a_central_sentence_far_down() -> None:
    between = [f"حدث{number} خبر{number} شيء{number} أمر{number}." for number in range(30)]
    order = rank([NEWS[1], NEWS[7], *between, NEWS[3]])
    assert order.index(1) < order.index(32)


def test_the_headline_tells_what_the_article_is_about() -> None:
    body = [NEWS[1], "وبدأ موسم الأمطار في السواحل.", "وبدأ معرض الكتاب في العاصمة."]
    shared = ["وتستمر الأمطار في السواحل.", "ويستمر معرض الكتاب في العاصمة."]
    by_headline = [
        rank([headline, *body, *shared]) for headline in ("موسم الأمطار في السواحل", "معرض الكتاب في العاصمة")
    ]
    assert by_headline[0].index(2) < by_headline[1].index(2)


def test_a_sentence_is_not_chosen_twice_in_other_words() -> None:
    repeated = [NEWS[1], NEWS[1], NEWS[2], NEWS[3], NEWS[5]]
    assert summarise(repeated, sentences=2) == [0, 2]


def test_a_ratio_is_a_share_of_the_words_and_its_last_sentence_is_whole() -> None:
    body = [text for text in NEWS if not is_heading(text)]
    lengths = [len(text.split()) for text in body]
    for ratio in (0.2, 0.4, 0.6, 0.8):
        taken = [lengths[index] for index in summarise(body, ratio=ratio)]
        assert 0 <= sum(taken) - ratio * sum(lengths) < max(taken)
    assert summarise(NEWS, ratio=1.0) == list(range(len(NEWS)))
    assert summarise(NEWS, ratio=0.01) == [1]


@pytest.mark.parametrize(
    ("lengths", "budget", "picks"),
    [
        ([10, 10, 10], 20, [0, 1]),
        ([10, 10, 10], 21, [0, 1, 2]),
        ([10, 18, 5], 20, [0, 1]),
        ([10, 25, 5], 20, [0]),  # 35 words would be far too many, and half of them are there
        ([4, 40, 5], 20, [0, 1]),  # 4 words would be far too few
        ([90, 5], 20, [0]),
        ([10], 100, [0]),
    ],
)
def test_a_budget_is_reached_unless_the_last_sentence_is_far_too_long(
    lengths: list[int], budget: float, picks: list[int]
) -> None:
    assert fill(range(len(lengths)), lengths, budget) == picks


SAID = "وأضاف أن الزيارة ستبحث العلاقات بين البلدين والحدود والاستثمار."


def test_a_sentence_without_its_speaker_waits_for_the_sentence_that_names_him() -> None:
    named = "وقال وزير الصحة إن المستشفى الجديد سيفتح في الصيف."
    article = [NEWS[1], NEWS[7], named, SAID, NEWS[3]]
    speaker_named = [*article[:3], SAID.replace("وأضاف أن", "وأضاف الوزير أن"), NEWS[3]]
    assert rank(speaker_named).index(3) < rank(speaker_named).index(2)
    assert rank(article).index(2) < rank(article).index(3)


def test_once_the_speaker_is_named_his_next_sentence_waits_no_longer() -> None:
    order = rank([NEWS[1], SAID, NEWS[2], NEWS[7], "وبدأ موسم الحصاد في السهول الشرقية."])
    assert order.index(1) < max(order.index(3), order.index(4))


@given(st.lists(st.sampled_from([*NEWS, SAID, "وهو أول لقاء بينهما."]), max_size=20), st.integers(1, 6))
def test_no_summary_holds_a_leaning_sentence_alone(segments: list[str], count: int) -> None:
    chosen = summarise(segments, sentences=count)
    bodies = [index for index, text in enumerate(segments) if not is_heading(text)]
    for before, index in pairwise(bodies):
        if index in chosen and opening(segments[index]).leans:
            assert before in chosen


def test_an_opening_that_joins_a_sentence_to_one_left_out_is_dropped() -> None:
    oil = "ومن جهة أخرى، ارتفعت أسعار النفط في الأسواق."
    prices = "كما أكد الوزير أن الأسعار ستنخفض قريبا."
    article = [NEWS[1], oil, prices]
    assert excerpts(article, [0, 1, 2]) == article
    assert excerpts(article, [0, 2]) == [NEWS[1], "أكد الوزير أن الأسعار ستنخفض قريبا."]
    assert excerpts(article, [1, 2]) == ["ارتفعت أسعار النفط في الأسواق.", prices]


def test_a_heading_between_two_sentences_does_not_part_them() -> None:
    article = [NEWS[1], "أسعار النفط", "ومن جهة أخرى، ارتفعت أسعار النفط في الأسواق."]
    assert excerpts(article, [0, 2]) == [article[0], article[2]]
    assert excerpts(article, [2]) == ["ارتفعت أسعار النفط في الأسواق."]


def test_the_first_sentence_of_an_article_keeps_its_opening() -> None:
    article = ["خلفية", "كما أكد الوزير أن الأسعار ستنخفض قريبا.", NEWS[1]]
    assert excerpts(article, [1]) == [article[1]]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("خلفية الزيارة", True),
        ("بغداد - مراسل الصحيفة", True),
        ("قال إن «العمل مستمر».", False),
        ("هل ينجح الاتفاق؟", False),
        (NEWS[1].rstrip("."), False),
    ],
)
def test_a_heading_is_short_and_has_no_final_stop(text: str, heading: bool) -> None:
    assert is_heading(text) is heading


@pytest.mark.parametrize(
    "length", [{"sentences": 0}, {"ratio": 0.0}, {"ratio": 1.5}, {"sentences": 2, "ratio": 0.5}]
)
def test_a_length_that_makes_no_sense_is_refused(length: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"sentences|ratio"):
        summarise(NEWS, **length)  # type: ignore[arg-type]
