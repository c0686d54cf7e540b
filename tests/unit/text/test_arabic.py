"""The engine form: the same after a second pass, and free of what engines were not trained on."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.arabic import count_arabic_letters, for_engine, for_matching
from models.text.words import words

ARABIC_LIKE = st.text(
    st.sampled_from(
        "ابأإآىةهويكی٠١۲٫٬٪؟،؛«»…. \n\t\u0640\u064b\u0651\u0670\u06d6\u200f\u202b\ufeffﻻﷲﷺ"
        "\u0654\u0301\x00۝﴿\ufc60ھٱ-"
    )
)
ANY_TEXT = st.text(max_size=200) | ARABIC_LIKE


@given(ANY_TEXT)
def test_the_engine_form_of_the_engine_form_is_itself(text: str) -> None:
    once = for_engine(text)
    assert for_engine(once) == once


@given(ANY_TEXT)
def test_no_marks_no_tatweel_and_no_invisible_controls_are_left(text: str) -> None:
    for char in for_engine(text):
        assert char not in "\u0640\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2069\ufeff"
        assert not (unicodedata.category(char) == "Mn" and "ARABIC" in unicodedata.name(char, ""))


@given(ANY_TEXT)
def test_arabic_and_persian_digits_become_ascii(text: str) -> None:
    assert not set(for_engine(text)) & set("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬٪؟،؛«»")


@given(ANY_TEXT)
def test_white_space_is_single_spaces_inside_only(text: str) -> None:
    form = for_engine(text)
    assert form == " ".join(form.split())


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("هل وصلَ الوفدُ إلى القاهرة؟", "هل وصل الوفد إلى القاهرة?"),
        ("بلغت ٣٫٥٪ من ١٬٢٠٠", "بلغت 3.5% من 1,200"),
        ("الســـلام", "السلام"),
        ("«نعم»؛ قال…", '"نعم"; قال...'),
        ("ﻻ إله", "لا إله"),
    ],
)
def test_the_author_s_spelling_is_kept_and_punctuation_is_made_ascii(text: str, form: str) -> None:
    assert for_engine(text) == form


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert for_engine("نعم\ud800 لا") == "نعم لا"


def test_matching_ignores_how_alef_ya_and_ta_marbuta_are_written() -> None:
    assert for_matching("إلى المدرسة") == for_matching("الي المدرسه")
    assert for_matching("قلم") != for_matching("علم")


def test_only_letters_of_the_arabic_script_are_counted() -> None:
    assert count_arabic_letters("كتاب book ١٢؟ پ") == 5


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("القوات الأميركيّة", "القوات الأمريكية"),
        ("سفير أميركا", "سفير أمريكا"),
        ("ديبلوماسيين", "دبلوماسيين"),
        ("أميركم الكريم", "أميركم الكريم"),  # "your prince"
        ("أمير الكويت", "أمير الكويت"),
    ],
)
def test_a_word_with_two_spellings_is_read_in_one(written: str, read: str) -> None:
    assert for_engine(written) == read


def test_the_small_letters_of_recitation_are_no_letters_of_a_word() -> None:
    assert [word.letters for word in words("لَهُۥ بِهِۦ")] == ["له", "به"]
