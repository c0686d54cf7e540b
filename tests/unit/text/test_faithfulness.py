"""Faithfulness: what a summary states must stand in the article, and each sentence says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.faithfulness import unsupported
from models.text.nearest import nearest

ARTICLE = (
    "أعلنت شركة Boeing أن طائرة F-16 نقلت ١٢٬٥٠٠ طن عام 2018 بنسبة نمو بلغت ٣٫٥٪. "
    "وقالت وكالة Agence France-Presse إن 3 ملايين شخص، بينهم خمسة وعشرون ألفا من الأطفال، تضرروا. "
    "ونزح ثلاثة عشر بالمئة منهم. وخصصت من 40 إلى 50 مليار درهم، و1.500 خيمة، و2 300 سلة، بتاريخ 3.5.2019."
)


@pytest.mark.parametrize(
    "summary",
    [
        "نقلت 12,500 طن.",
        "نقلت 12500 طن.",
        "نقلت ۱۲۵۰۰ طن.",
        "نقلت 12.5 ألف طن.",
        "نما 3.5%.",
        "نما %3,5 فقط.",
        "نما 3.5 في المئة.",
        "تضرر 3 ملايين.",
        "تضرر 3,000,000 شخص.",
        "بينهم 25 ألف طفل.",
        "بينهم 25.000 طفل.",
        "نزح 13% منهم.",
        "نزح 13 بالمائة.",
        "خصصت 40 مليار درهم.",
        "خصصت 50 مليارا.",
        "أرسلت 1500 خيمة.",
        "أرسلت 2300 سلة و2,300 سلة و2 300 سلة.",
        "في 3.5.2019 وفي 3/5/2019.",
        "في عام 2018.",
    ],
)
def test_a_figure_of_the_article_is_supported_however_it_is_written(summary: str) -> None:
    assert unsupported(ARTICLE, summary) == []


@pytest.mark.parametrize(
    "summary",
    [
        "نقلت 12,600 طن.",
        "نقلت 125 طنا.",
        "في عام 2017.",
        "نما 35%.",
        "نما 2018%.",
        "نزح 14 في المئة.",
        "نزح 25% منهم.",
        "تضرر 3 مليارات.",
        "تضرر 4 ملايين.",
        "خصصت 45 مليار درهم.",
        "أرسلت 15 خيمة.",
        "في 3.6.2019.",
        "أرسلت 2 301 سلة.",
    ],
)
def test_a_figure_that_the_article_does_not_state_is_flagged(summary: str) -> None:
    assert unsupported(ARTICLE, summary) == ["number-unsupported"]


@pytest.mark.parametrize(
    "summary", ["قالت BOEING.", "طائرة F16", "وكالة France Presse", "Boeing's", "«boeing»"]
)
def test_a_foreign_name_of_the_article_is_supported(summary: str) -> None:
    assert unsupported(ARTICLE, summary) == []


@pytest.mark.parametrize(
    "summary", ["قالت Airbus.", "طائرة A-16.", "قالت Boein.", "<extra_id_0>", "中国", "Путин"]
)
def test_a_name_in_foreign_letters_that_is_not_in_the_article_is_flagged(summary: str) -> None:
    assert "name-unsupported" in unsupported(ARTICLE, summary)


def test_accents_and_wide_letters_do_not_make_another_name() -> None:
    assert unsupported("قال São Paulo", "قال Sao Paulo") == []


def test_both_signs_come_in_a_fixed_order() -> None:
    assert unsupported(ARTICLE, "Airbus 77") == ["number-unsupported", "name-unsupported"]


def test_a_summary_without_figures_or_names_has_nothing_to_support() -> None:
    assert unsupported("", "قال الوزير إن الخطة مهمة.") == []


@given(st.text(max_size=200))
def test_every_text_supports_itself(text: str) -> None:
    assert unsupported(text, text) == []


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6), st.integers(10**8, 10**9))
def test_an_invented_number_is_found_among_true_ones(numbers: list[int], invented: int) -> None:
    article = "، ".join(f"بلغ {number:,} شيئا" for number in numbers)
    assert unsupported(article, " ثم ".join(map(str, numbers))) == []
    assert unsupported(article, f"بلغ {numbers[0]} ثم {invented} شيئا") == ["number-unsupported"]


SEGMENTS = [
    "زيارة رسمية",
    "وصل رئيس الوزراء العراقي إلى الكويت أمس في زيارة رسمية.",
    "وبحث الجانبان ملفات الحدود والاستثمار في قطاع النفط.",
    "وتوقع خبراء الأرصاد هطول أمطار غزيرة على السواحل الغربية.",
]


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_copied_sentence_cites_its_segment(index: int) -> None:
    assert nearest([SEGMENTS[index]], SEGMENTS) == [[index]]


def test_other_forms_of_the_words_cite_too() -> None:
    assert nearest(["خبير الأرصاد يتوقع مطرا غزيرا على الساحل الغربي."], SEGMENTS) == [[3]]


def test_a_sentence_of_two_segments_cites_both_in_article_order() -> None:
    fused = "بحث الجانبان الاستثمار في قطاع النفط بعد وصول رئيس الوزراء العراقي إلى الكويت."
    assert nearest([fused], SEGMENTS) == [[1, 2]]


def test_a_sentence_that_shares_no_stem_cites_nothing() -> None:
    assert nearest(["فاز الفريق بالكأس.", "في من على إلى."], SEGMENTS) == [[], []]


@given(
    st.lists(st.text(max_size=40) | st.sampled_from(SEGMENTS), max_size=8),
    st.lists(st.sampled_from(SEGMENTS)),
)
def test_citations_are_one_list_a_sentence_of_segments_that_exist(
    sentences: list[str], segments: list[str]
) -> None:
    cited = nearest(sentences, segments)
    assert cited == nearest(sentences, segments)
    assert len(cited) == len(sentences)
    assert all(own == sorted(set(own)) and set(own) <= set(range(len(segments))) for own in cited)
    assert all(len(own) <= 3 for own in cited)
