"""Any text at all: nothing of it is lost, nothing raises, and nothing takes the square of its length."""

from collections.abc import Callable
from time import process_time

from hypothesis import strategies as st

from models.article import Article
from models.completeness import check_complete
from models.engines.extractive import excerpts, summarise
from models.evaluation.rouge import rouge_l
from models.glossary import Terms, faults
from models.steps.translation import TranslatedSegment
from models.text.arabic import count_arabic_letters, for_engine, for_matching
from models.text.faithfulness import unsupported
from models.text.fidelity import FLAGS, flags, loops
from models.text.figures import Stated
from models.text.glossary import Matcher
from models.text.language import detect
from models.text.nearest import nearest
from models.text.openers import opening
from models.text.segments import split
from tests.fuzz.conftest import Fuzz
from tests.fuzz.texts import LONGEST_ARTICLE, articles, long_as, monotony, texts

SECONDS = 3.0  # for the longest article, on a busy machine; most take a tenth of one
_TERMS = ["وزير الخارجية", "كلمة", "كلمة كلمة كلمة", "د. ك", "ا", "ا ا ا", "مليون", "Dr"]


def _ranked(text: str) -> None:
    sources = Article(text).sources
    excerpts(sources, summarise(sources, ratio=0.3))
    nearest([text[:2_000]], sources)


def _flagged(text: str) -> None:
    for source in Article(text).sources:
        flags(source, source)


READERS: dict[str, Callable[[str], object]] = {
    "normal form": lambda text: Article(text).normal_form,
    "segments of a word": lambda text: split(text, 5),
    "matching form": for_matching,
    "language": detect,
    "support": lambda text: unsupported(text, text),
    "figures": Stated.of,
    "terms": lambda text: Matcher(_TERMS).find(text),
    "ranking": _ranked,
    "flags": _flagged,
    "loops": loops,
    "opening": opening,
}


def test_no_reader_takes_the_square_of_an_article_s_length(fuzz: Fuzz) -> None:
    for chance in fuzz.rounds():
        fragment, (name, read) = monotony(chance), chance.choice(list(READERS.items()))
        for length in (1_000, 5_000, 25_000, LONGEST_ARTICLE):
            text = "كتاب " + long_as(length - 5, fragment)
            started = process_time()
            read(text)
            assert process_time() - started < SECONDS, (name, fragment, length)


def test_nothing_of_a_text_is_lost_or_moved(fuzz: Fuzz) -> None:
    def law(text: str) -> None:
        article = Article(text)
        assert "".join("".join(article.sources).split()) == "".join(text.split())
        told = [
            TranslatedSegment(index=it.index, source=source, target="x", start=it.start, end=it.end, flags=[])
            for it, source in zip(article.segments, article.sources, strict=True)
        ]
        check_complete(text, len(told), told, 0)
        assert article.join(article.sources).split() == text.split() or len(text) > 600 or _is_glued(article)

    fuzz.hunt(articles, law)


def _is_glued(article: Article) -> bool:
    """Two segments without white space between them, which get some."""
    ends = [it.end for it in article.segments]
    return any(it.start in ends for it in article.segments)


def test_the_engine_s_form_has_no_sign_that_engines_do_not_know(fuzz: Fuzz) -> None:
    def law(text: str) -> None:
        form = for_engine(text)
        assert not set(form) & set("؟،؛٪٫٬«»…ـ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹\u200f\u202e\n\t\x00")
        assert form == for_engine(form) == form.strip()
        assert "  " not in form
        form.encode("utf-8")
        assert for_matching(form) == for_matching(text)

    fuzz.hunt(texts, law)


def test_flags_and_support_are_told_of_any_two_texts(fuzz: Fuzz) -> None:
    def law(pair: tuple[str, str]) -> None:
        source, target = pair
        assert [flag for flag in FLAGS if flag in flags(source, target)] == flags(source, target)
        assert len(unsupported(source, target)) <= 2
        assert 0 <= rouge_l(source, [target]).f <= 1
        assert len(detect(source).language) in (2, 3)

    fuzz.hunt(st.tuples(texts, texts), law)


def test_a_summary_is_made_of_the_article_s_own_sentences(fuzz: Fuzz) -> None:
    def law(text: str) -> None:
        sources = Article(text).sources
        chosen = summarise(sources)
        assert chosen == sorted(set(chosen))
        assert 1 <= len(chosen) <= 3
        for index, told in zip(chosen, excerpts(sources, chosen), strict=True):
            assert told
            assert sources[index].endswith(told)

    fuzz.hunt(articles, law)


def test_terms_stand_where_they_are_said_to(fuzz: Fuzz) -> None:
    def law(given: tuple[str, list[str]]) -> None:
        text, terms = given
        wrong = {index for index, _side, _fault in faults([(term, "x") for term in terms])}
        good = [(term, "x") for index, term in enumerate(terms) if index not in wrong]
        end = 0
        for match in Matcher([term for term, _ in good]).find(text):
            assert end <= match.start <= match.core_start < match.core_end <= match.end <= len(text)
            end = match.end
        assert all(count_arabic_letters(term.ar) for term in Terms(good).occurring(text))

    fuzz.hunt(st.tuples(texts, st.lists(texts, max_size=5)), law)
