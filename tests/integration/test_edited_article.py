"""The steps on a real cache and the bundled model: what an edit, a second step or another attempt costs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jobs.segment_cache import SegmentCache
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from models.article import Article
from models.engines.contract import EngineOptions, Translator
from models.engines.loading import open_translator
from models.glossary import Glossary, Term
from models.installed import BUNDLED_TRANSLATION, open_model
from models.step import Context, Counts
from models.steps.english_summary import EnglishSummary, EnglishSummaryOptions
from models.steps.summary import Summary, SummaryOptions
from models.steps.translation import Translation, TranslationOptions, TranslationResult
from tests.counting_translator import Counting
from tests.records import a_job

Run = Callable[..., tuple[TranslationResult, Counts]]


class OneEngine:
    """Engines that have one translator and no summary model."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def translator(self, _name: str | None = None) -> Translator:
        return self._translator


@pytest.fixture(scope="module")
def model() -> Translator:
    return open_translator(open_model(BUNDLED_TRANSLATION), EngineOptions(beam_size=1))


@pytest.fixture
def engine(model: Translator, tmp_path: Path) -> Counting:
    return Counting(tmp_path / "asked", model)


@pytest.fixture
def cache(redis_settings: Settings) -> SegmentCache:
    return SegmentCache(
        SegmentStore(connect_segments(redis_settings, timeout_seconds=3), redis_settings), redis_settings
    )


@pytest.fixture
def article(seed_texts: list[str]) -> list[str]:
    """Forty sentences: those of the seeds, each once, and some more."""
    sentences = [source for text in seed_texts for source in Article(text).sources]
    more = (f"وقال الوزير إن الخطة رقم {number} تبدأ غدا." for number in range(40))
    return [*dict.fromkeys(sentences), *more][:40]


def context(engine: Counting, cache: SegmentCache, job_id: str, **given: Any) -> Context:
    fields: dict[str, Any] = {
        "engines": OneEngine(engine),
        "results": {},
        "progress": lambda _done, _total: None,
        "show": lambda _done, _total, _part: None,
        "segments": cache.of(a_job(job_id)),
    }
    return Context(**fields | given)


def run(
    sentences: list[str], into: Context, glossary: Glossary | None = None
) -> tuple[TranslationResult, Counts]:
    article = Article("\n".join(sentences))
    assert len(article.segments) == len(sentences)
    result, counts = Translation().run(article, TranslationOptions(glossary=glossary), into)
    assert counts
    assert counts.segments_out == len(sentences)
    return result, counts


def test_a_changed_sentence_of_forty_is_the_only_one_that_goes_to_the_engine(
    engine: Counting, cache: SegmentCache, article: list[str]
) -> None:
    first, counts = run(article, context(engine, cache, "01ONE"))
    assert (len(engine.asked()), counts.from_cache) == (40, 0)
    edited = [*article[:17], "نفى المتحدث ذلك مساء أمس.", *article[18:]]
    second, counts = run(edited, context(engine, cache, "01TWO"))
    assert engine.asked()[40:] == ["نفى المتحدث ذلك مساء أمس."]
    assert counts.from_cache == 39
    changed = [
        one.index
        for one, two in zip(first.segments, second.segments, strict=True)
        if one.target != two.target
    ]
    assert changed == [17]


def test_an_inserted_sentence_moves_all_windows_and_is_still_the_only_one(
    engine: Counting, cache: SegmentCache, article: list[str]
) -> None:
    run(article[:39], context(engine, cache, "01ONE"))
    run([*article[:3], article[39], *article[3:39]], context(engine, cache, "01TWO"))
    assert engine.asked()[39:] == [article[39]]


def test_the_english_summary_of_a_translated_article_asks_only_for_what_has_lost_its_opening(
    engine: Counting, cache: SegmentCache, seed_texts: list[str]
) -> None:
    article = Article(seed_texts[0])
    before = context(engine, cache, "01ONE")
    Translation().run(article, TranslationOptions(), before)
    engine.notes.unlink()
    summary, _ = Summary().run(article, SummaryOptions(method="extractive"), before)
    into = context(engine, cache, "01ONE", results={"summary": summary.model_dump(mode="json")})
    english, _ = EnglishSummary().run(article, EnglishSummaryOptions(), into)
    shortened = [it.text for it in summary.sentences if it.text not in article.sources]
    assert len(shortened) < len(english.sentences) == 3
    assert engine.asked() == shortened


def test_what_stands_in_for_a_glossary_s_terms_is_cached_as_well(
    engine: Counting, cache: SegmentCache, article: list[str]
) -> None:
    glossary = Glossary(terms=[Term(ar="الوزير", en="al-Wazir"), Term(ar="الحكومة", en="al-Hukuma")])
    first, _ = run(article, context(engine, cache, "01ONE"), glossary)
    asked = len(engine.asked())
    assert asked > 40
    second, counts = run(article, context(engine, cache, "01TWO"), glossary)
    assert second == first
    assert counts.from_cache == 40
    assert len(engine.asked()) == asked


class Lost(Exception):
    """The attempt ends in the middle."""


def test_after_a_lost_attempt_no_sentence_goes_to_the_engine_again(
    engine: Counting, cache: SegmentCache, article: list[str]
) -> None:
    shown: list[Mapping[str, Any]] = []

    def show(done: int, _total: int, part: Mapping[str, Any]) -> None:
        shown.append(part)
        if done >= 32:
            raise Lost

    with pytest.raises(Lost):
        run(article, context(engine, cache, "01ONE", show=show))
    _, counts = run(article, context(engine, cache, "01ONE", shown=shown[0]))
    assert engine.asked() == article  # each once: 16 were shown, 16 more were in the cache
    assert counts.from_cache == 16


def test_the_hits_that_a_lost_attempt_had_are_counted_once(
    engine: Counting, cache: SegmentCache, article: list[str]
) -> None:
    run(article[:20], context(engine, cache, "01ONE"))
    shown: list[Mapping[str, Any]] = []
    run(article, context(engine, cache, "01TWO", show=lambda _done, _total, part: shown.append(part)))
    assert [part["from_cache"] for part in shown] == [16, 20, 20]
    _, counts = run([*article[:32], "وصل الوفد."], context(engine, cache, "01TWO", shown=shown[1]))
    assert counts.from_cache == 20
