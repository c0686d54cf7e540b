"""The published table: what comes out of each case is what stands there."""

from time import process_time

import pytest

from api.files.encodings import Decoded, decode
from api.files.errors import UndecodableText
from models.article import Article
from models.engines.extractive import summarise
from models.text.arabic import for_engine, for_matching
from models.text.language import detect
from models.text.segments import split
from tests.arabic.table import Case, cases, cases_with

EXPECTATIONS = ("segments", "engine", "language", "matches", "differs", "encoding", "count", "summary")
ARTICLE_SECONDS = 3.0  # most take a tenth of one; what grows as the square of a text takes minutes


def each(expectation: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases_with(expectation), ids=lambda case: str(case.id))


def test_the_table_is_whole() -> None:
    table = cases()
    assert len(table) >= 250
    assert len({case.id for case in table}) == len(table)
    for case in table:
        assert sum(getattr(case, name) is not None for name in EXPECTATIONS) == 1, case.id


@each("segments")
def test_an_article_is_cut_as_an_editor_would(case: Case) -> None:
    assert [case.text[it.start : it.end] for it in split(case.text, case.longest)] == case.segments


@each("engine")
def test_an_engine_reads_it_so(case: Case) -> None:
    assert for_engine(case.text) == case.engine


@each("language")
def test_the_language_is_told(case: Case) -> None:
    assert detect(case.text).language == case.language


@each("matches")
def test_a_matcher_takes_them_for_the_same(case: Case) -> None:
    assert for_matching(case.text) == for_matching(case.matches or "")


@each("differs")
def test_a_matcher_tells_them_apart(case: Case) -> None:
    assert for_matching(case.text) != for_matching(case.differs or "")


@each("encoding")
def test_a_file_is_read_in_its_encoding_or_refused(case: Case) -> None:
    if case.encoding:
        text = case.text if case.read is None else case.read
        assert decode(case.file) == Decoded(text, case.encoding)
    else:
        with pytest.raises(UndecodableText):
            decode(case.file)


@each("count")
def test_a_huge_article_is_cut_and_read_in_no_time(case: Case) -> None:
    started = process_time()
    segments = split(case.article)
    for_engine(case.article)
    assert process_time() - started < ARTICLE_SECONDS
    assert len(segments) == case.count


@each("summary")
def test_a_summary_is_made_of_the_article_s_sentences(case: Case) -> None:
    sources = Article(case.article).sources
    assert [sources[pick] for pick in summarise(sources)] == case.summary


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case.id))
def test_of_no_article_anything_is_lost(case: Case) -> None:
    place = 0
    for segment in split(case.article, case.longest):
        assert not case.article[place : segment.start].strip()
        assert segment.start < segment.end <= segment.start + case.longest
        place = segment.end
    assert not case.article[place:].strip()
    assert for_engine(for_engine(case.article)) == for_engine(case.article)
