"""The cached translator: what goes to the engine, what does not, and how it waits for others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from models.engines.cached import CachedTranslator
from models.engines.contract import Progress, Translation
from models.segment_cache import NoCache, SegmentCache
from tests.counting_translator import Counting

SOURCES = ["قال الوزير ذلك.", "Reuters", "وصل الوفد؟", "قال الوزير ذلك."]


class Kept:
    """A cache in memory; `busy` are the keys that somebody else works out."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.busy: set[str] = set()
        self.given_back: list[tuple[list[str], list[str]]] = []
        self.renewed = 0

    def take(self, keys: Sequence[str]) -> tuple[Mapping[str, str], Sequence[str]]:
        found = {key: self.values[key] for key in keys if key in self.values}
        return found, [key for key in keys if key not in found and key not in self.busy]

    def renew(self, keys: Sequence[str]) -> None:
        self.renewed += 1

    def give_back(self, keys: Sequence[str], values: Mapping[str, str]) -> None:
        self.given_back.append((list(keys), list(values)))
        self.values |= values


class Clock:
    """Time that passes only in sleep; `then` is done at each."""

    def __init__(self, then: Callable[[float], None] = lambda _now: None) -> None:
        self.now = 0.0
        self._then = then

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._then(self.now)


@pytest.fixture
def engine(tmp_path: Path) -> Counting:
    return Counting(tmp_path / "asked")


def unheard(_done: int, _total: int) -> None:
    pass


def texts(engine: Counting, cache: SegmentCache, *sources: str) -> list[str]:
    return [it.text for it in CachedTranslator(engine, cache).translate(sources, unheard)]


def test_what_is_repeated_or_has_no_arabic_does_not_go_to_the_engine(engine: Counting) -> None:
    given = CachedTranslator(engine, NoCache()).translate(SOURCES, unheard)
    assert engine.asked() == ["قال الوزير ذلك.", "وصل الوفد؟"]
    assert [it.text for it in given] == ["[قال الوزير ذلك.]", "Reuters", "[وصل الوفد؟]", "[قال الوزير ذلك.]"]
    assert not any(it.from_cache for it in given)


def test_what_is_repeated_in_a_later_window_goes_to_the_engine_once_without_a_cache(engine: Counting) -> None:
    translator = CachedTranslator(engine, NoCache())
    translator.translate(SOURCES, unheard)
    translator.translate(SOURCES[2:], unheard)
    assert len(engine.asked()) == 2


def test_what_another_article_had_comes_from_the_cache_and_says_so(engine: Counting) -> None:
    cache = Kept()
    texts(engine, cache, SOURCES[0])
    given = CachedTranslator(engine, cache).translate(SOURCES, unheard)
    assert engine.asked() == ["قال الوزير ذلك.", "وصل الوفد؟"]
    assert [it.from_cache for it in given] == [True, False, False, True]


@pytest.mark.parametrize("variant", ["قَالَ الوزيرُ ذلك.", "قـــال الوزير ذلك.", " قال\u200f  الوزير\nذلك. "])
def test_what_an_engine_reads_alike_is_one_segment(engine: Counting, variant: str) -> None:
    cache = Kept()
    assert texts(engine, cache, SOURCES[0]) == texts(engine, cache, variant)
    assert len(engine.asked()) == 1


@pytest.mark.parametrize("other", ["قال الوزير ذلك؟", "قال الوزير [1] ذلك.", "قالت الوزير ذلك."])
def test_what_an_engine_reads_otherwise_is_another(engine: Counting, other: str) -> None:
    cache = Kept()
    assert texts(engine, cache, SOURCES[0]) != texts(engine, cache, other)
    assert len(engine.asked()) == 2


def test_another_engine_has_entries_of_its_own(engine: Counting) -> None:
    cache = Kept()
    texts(engine, cache, SOURCES[0])
    engine.fingerprint = "another"
    texts(engine, cache, SOURCES[0])
    assert len(engine.asked()) == 2


def test_that_a_translation_was_cut_is_kept_with_it(engine: Counting) -> None:
    cache = Kept()
    engine._translated = lambda source: Translation("cut", True)  # type: ignore[method-assign]
    texts(engine, cache, SOURCES[0])
    assert CachedTranslator(engine, cache).translate(SOURCES[:1], unheard) == [
        Translation("cut", True, from_cache=True)
    ]


@pytest.mark.parametrize(
    "value", ["", "[]", "7", '{"text": "x"}', '{"text": "x", "truncated": false, "n": 1}']
)
def test_a_value_that_cannot_be_read_is_written_anew(engine: Counting, value: str) -> None:
    cache = Kept()
    texts(engine, cache, SOURCES[0])
    cache.values = dict.fromkeys(cache.values, value)
    assert texts(engine, cache, SOURCES[0]) == ["[قال الوزير ذلك.]"]
    assert len(engine.asked()) == 2
    assert value not in cache.values.values()


def test_progress_counts_what_was_there_never_falls_and_ends_with_all(engine: Counting) -> None:
    cache = Kept()
    texts(engine, cache, SOURCES[0])
    heard: list[tuple[int, int]] = []
    CachedTranslator(engine, cache).translate(SOURCES, lambda done, total: heard.append((done, total)))
    assert heard == [(4, 4), (4, 4)]
    heard.clear()
    CachedTranslator(engine, NoCache()).translate(SOURCES, lambda done, total: heard.append((done, total)))
    assert heard == [(2, 4), (3, 4), (4, 4)]


def test_an_engine_at_work_renews_its_keys_and_gives_them_back_with_their_values(engine: Counting) -> None:
    cache = Kept()
    texts(engine, cache, *SOURCES)
    [(keys, values)] = cache.given_back
    assert keys == values
    assert (len(keys), cache.renewed) == (2, 2)


def test_an_engine_that_fails_gives_its_keys_back_empty(engine: Counting) -> None:
    def cancel(_done: int, _total: int) -> None:
        raise InterruptedError

    cache = Kept()
    with pytest.raises(InterruptedError):
        CachedTranslator(engine, cache).translate(SOURCES, cancel)
    [(keys, values)] = cache.given_back
    assert (len(keys), values) == (2, [])


def waiting(
    engine: Counting, cache: Kept, clock: Clock, progress: Progress = unheard
) -> tuple[list[Translation], float]:
    """What comes for two sentences while another works on the first, and when."""
    own, others = CachedTranslator(engine, NoCache()), SOURCES[0]
    cache.busy = {key for key in [own._key(others)] if key}
    translator = CachedTranslator(engine, cache, clock=clock, sleep=clock.sleep)
    return translator.translate([others, SOURCES[2]], progress), clock.now


def test_what_another_works_on_is_waited_for_after_the_own_share_is_done(engine: Counting) -> None:
    cache = Kept()

    def finish(now: float) -> None:
        assert engine.asked() == ["وصل الوفد؟"]
        if now > 5:
            cache.values |= dict.fromkeys(cache.busy, '{"text": "theirs", "truncated": false}')

    heard: list[tuple[int, int]] = []
    given, _ = waiting(engine, cache, Clock(finish), lambda done, total: heard.append((done, total)))
    assert [(it.text, it.from_cache) for it in given] == [("theirs", True), ("[وصل الوفد؟]", False)]
    assert heard[0] == (1, 2)
    assert heard.count((1, 2)) >= 5  # the lease is kept alive
    assert heard[-1] == (2, 2)


def test_what_another_let_go_of_is_taken_over(engine: Counting) -> None:
    cache = Kept()
    clock = Clock(lambda now: cache.busy.clear() if now > 2 else None)
    given, now = waiting(engine, cache, clock)
    assert [it.text for it in given] == ["[قال الوزير ذلك.]", "[وصل الوفد؟]"]
    assert 2 < now < 3


def test_nobody_is_waited_for_beyond_half_a_minute(engine: Counting) -> None:
    given, now = waiting(engine, Kept(), Clock())
    assert [it.text for it in given] == ["[قال الوزير ذلك.]", "[وصل الوفد؟]"]
    assert 30 <= now < 31


def test_a_job_that_was_cancelled_does_not_go_on_waiting(engine: Counting) -> None:
    clock = Clock()

    def cancel(_done: int, _total: int) -> None:
        if clock.now > 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        waiting(engine, Kept(), clock, cancel)
    assert clock.now < 5
