"""The language check: every Arabic is accepted, everything else is refused under its own name."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.language import detect

OWN_SENTENCES = Path(__file__).parents[3] / "benchmarks" / "language.tsv"
# Sentences that no check by letters and words tells apart; docs/adr/0005 says why they are let in.
KNOWN_MISTAKES = {
    "او هنوز نمي داند كه بايد با چه كسي صحبت كند.",
    "شركت در بيانيه اي اعلام كرد كه كارخانه تعطيل نمي شود.",
}


def own_sentences() -> list[tuple[str, str]]:
    with OWN_SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row["text"], row["language"]) for row in rows if row["text"] not in KNOWN_MISTAKES]


@pytest.mark.parametrize(("text", "language"), own_sentences())
def test_each_own_sentence_is_named(text: str, language: str) -> None:
    assert detect(text).language == language


@pytest.mark.parametrize("text", ["", "   ", "2024", "؟ ، ؛", "😀", "https://example.org/كتاب", "٣٫٥٪"])
def test_text_without_letters_is_undetermined(text: str) -> None:
    assert detect(text).language == "und"


@pytest.mark.parametrize("text", ["و", "عاجل", "بغداد", "قمّة", "مصر تفوز", "فيديو"])
def test_one_or_two_arabic_words_are_enough(text: str) -> None:
    assert detect(text).is_arabic


def test_arabic_typed_on_a_persian_keyboard_is_arabic() -> None:
    text = "قال رئیس الوزراء العراقی إن الحکومة ستعمل علی تطویر العلاقات مع الکویت."
    assert detect(text).is_arabic


def test_an_article_is_judged_as_a_whole() -> None:
    arabic = "أعلنت الوزارة أمس أن المشروع سيبدأ في العام المقبل بمشاركة خمس شركات محلية. " * 3
    english = "The ministry said yesterday that the project would begin next year. "
    assert detect(arabic + english).is_arabic
    assert detect(english * 4 + arabic[:40]).language == "en"


def test_links_addresses_and_mentions_do_not_count_as_text() -> None:
    links = "https://example.org/a/very/long/path/that/goes/on someone@example.org @some_channel_name"
    assert detect(f"شاهد التقرير {links}").is_arabic
    assert detect(f"{links} 2024").language == "und"


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    detection = detect(text)
    assert detection.language.isascii()
    assert detection.arabic_letters > 0 or not detection.is_arabic


def test_letters_of_the_arabic_script_are_counted() -> None:
    assert detect("كتاب 3 books").arabic_letters == 4


def test_the_model_is_loaded_by_the_first_text_that_needs_it_and_not_by_import() -> None:
    program = (
        "import sys; from models.text.language import detect; detect('عاجل');"
        "assert 'py3langid' not in sys.modules; detect('Bonjour'); assert 'py3langid' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=OWN_SENTENCES.parents[1])
