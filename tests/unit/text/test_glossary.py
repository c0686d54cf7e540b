"""A glossary's terms in Arabic text: found with clitics and in any spelling, never inside another word."""

import tracemalloc
from collections.abc import Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.glossary import Match, Matcher, term_key
from models.text.words import readings
from tests.unit.text.term_cases import FOUND, NOT_FOUND


@pytest.fixture
def tracing() -> Iterator[None]:
    """Python's own count of what it holds."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize(("term", "text", "proclitics", "core", "pronoun"), FOUND)
def test_a_term_is_found_with_its_clitics(
    term: str, text: str, proclitics: str, core: str, pronoun: str
) -> None:
    [match] = Matcher([term]).find(text)
    assert (match.proclitics, text[match.core_start : match.core_end], match.pronoun) == (
        proclitics,
        core,
        pronoun,
    )
    assert text[match.start : match.core_start] == proclitics
    assert text[match.core_end : match.end] == pronoun
    assert match.has_article == (proclitics.endswith(("ال", "لل")))


@pytest.mark.parametrize(("term", "text"), NOT_FOUND)
def test_another_word_is_not_the_term(term: str, text: str) -> None:
    assert Matcher([term]).find(text) == []


def found(terms: list[str], text: str) -> list[tuple[str, str]]:
    return [(terms[it.term], text[it.start : it.end]) for it in Matcher(terms).find(text)]


def test_the_longest_term_is_found_and_nothing_twice() -> None:
    terms = ["وزير", "وزير الخارجية", "الخارجية", "وزير الخارجية العراقي", "العراقي"]
    text = "وزير الخارجية العراقي ووزير الخارجية والوزير والخارجية"
    assert found(terms, text) == [
        ("وزير الخارجية العراقي", "وزير الخارجية العراقي"),
        ("وزير الخارجية", "ووزير الخارجية"),
        ("وزير", "والوزير"),
        ("الخارجية", "والخارجية"),
    ]


def test_a_longer_term_that_begins_later_is_found_before_a_shorter_one() -> None:
    assert found(["مجلس الأمن", "الأمن القومي العراقي"], "مجلس الأمن القومي العراقي") == [
        ("الأمن القومي العراقي", "الأمن القومي العراقي")
    ]


def test_the_word_as_it_stands_goes_before_one_with_clitics_taken_off() -> None:
    assert found(["جيش", "الجيش", "لجان", "جان"], "الجيش وجيش ولجان") == [
        ("الجيش", "الجيش"),
        ("جيش", "وجيش"),
        ("لجان", "ولجان"),
    ]


def test_what_is_kept_of_the_words_read_has_an_end(tracing: None) -> None:
    matcher = Matcher(["وزير"])
    matcher.find(" ".join(f"والكلمات{number}" for number in range(2_000)))
    before, _ = tracemalloc.get_traced_memory()
    matcher.find(" ".join(f"وبالكلمات{number}" for number in range(10_000)))
    after, _ = tracemalloc.get_traced_memory()
    assert after - before < 2**20


def test_without_terms_no_word_is_read() -> None:
    readings.cache_clear()
    assert Matcher([]).find("أعلن الوزير") == []
    assert readings.cache_info().misses == 0


def test_marks_after_the_last_letter_belong_to_the_match() -> None:
    text = "رأى عَلَماً واحدا"
    assert found(["علما"], text) == [("علما", "عَلَماً")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("إيران", "ايران"), ("مكتبة", "مكتبه"), ("على", "علي"), ("أَمَل", "امل"), ("أ  ب", "أ ب"), ("IS", "is"),
     ("أميركا", "أمريكا")],
)  # fmt: skip
def test_two_terms_of_one_key_are_one_term(one: str, other: str) -> None:
    assert term_key(one) == term_key(other)


@pytest.mark.parametrize(("one", "other"), [("أ ب", "أب"), ("أ ب", "أ-ب"), ("قلم", "علم")])
def test_other_terms_have_other_keys(one: str, other: str) -> None:
    assert term_key(one) != term_key(other)


def test_a_term_without_a_word_has_no_key() -> None:
    assert term_key(" .. ") == ()


ARABIC = st.text(st.sampled_from("اأىيةهولبكفنمعر ـَّﻻﷲ\u200f-، ٢a"), max_size=60)
TERMS = st.lists(st.text(st.sampled_from("اأىيةهولبكفنمعر "), min_size=1, max_size=8), max_size=8)


@given(TERMS, ARABIC)
def test_offsets_are_in_order_and_cut_the_text_at_the_clitics(terms: list[str], text: str) -> None:
    end = 0
    for match in Matcher(terms).find(text):
        assert end <= match.start <= match.core_start < match.core_end <= match.end <= len(text)
        assert _letters(text[match.start : match.core_start]) == match.proclitics
        assert _letters(text[match.core_end : match.end]) == match.pronoun
        end = match.end


@given(st.text(st.sampled_from("اأىيةهولبكفنمعر"), min_size=1, max_size=8), ARABIC)
def test_a_term_is_found_in_itself_wherever_it_stands(term: str, text: str) -> None:
    assert any(
        isinstance(match, Match) and match.start <= len(text) + 1 < match.end
        for match in Matcher([term]).find(f"{text} {term} {text}")
    )


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha() and char != "ـ")


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param([f"كتاب {chr(letter)}" for letter in range(0x621, 0x63B)], id="of one first word"),
        pytest.param(["كتاب " * length + "جديد" for length in range(1, 40)], id="one longer than the other"),
    ],
)
def test_terms_that_begin_alike_cost_no_more_than_one(terms: list[str]) -> None:
    article = "كتاب " * 20_000
    started = process_time()
    assert Matcher(terms).find(article + terms[-1])[0].start == len(article)
    assert process_time() - started < 3
