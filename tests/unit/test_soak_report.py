"""The report of a soak: which rows are judged, and what is said of them; and what its articles are like."""

import math

from benchmarks.soak.articles import Articles
from benchmarks.soak.report import judge_all, progress, report
from benchmarks.soak.tally import Tally
from benchmarks.soak.watch import Row
from models.article import Article


def rows(*, leak: float = 0.0, answered: bool = True) -> list[Row]:
    """A hundred, one a second; what is held doubles within the first thirty."""
    return [
        {
            "seconds": float(second),
            "jobs": 10.0 * second,
            "courier MiB": 50.0 + min(second, 30) + leak * second,
            "keys": 1_000.0,
            "queue": float(second % 3),
            "median s": 0.2 if answered or second % 2 else math.nan,
            "p95 s": 0.4,
        }
        for second in range(100)
    ]


def growing(series: list[Row], warm_up_seconds: float = 30) -> list[str]:
    return [it.name for it in judge_all(series, warm_up_seconds=warm_up_seconds) if it.is_growth]


def test_what_grows_after_the_warm_up_is_named_and_what_grew_in_it_is_not() -> None:
    assert growing(rows()) == []
    assert growing(rows(), warm_up_seconds=0) == ["courier MiB"]
    assert growing(rows(leak=0.2)) == ["courier MiB"]


def test_intervals_in_which_nobody_was_answered_are_left_out() -> None:
    assert growing(rows(answered=False)) == []
    assert "nan s" in progress(rows(answered=False)[0])


def test_the_report_names_growth_and_trouble_and_the_smallest_leak_to_be_seen() -> None:
    tally = Tally()
    tally.submit("poll", 1_000)
    tally.trouble("poll: 503 store-full")
    lines = list(report(judge_all(rows(leak=0.2), warm_up_seconds=30), tally, judged_jobs=690))
    assert "GROWTH: courier MiB by 12.8%" in lines
    assert "TROUBLE: 1 × poll: 503 store-full" in lines
    [courier] = [line for line in lines if line.startswith("courier")]
    assert courier.endswith("8,301 bytes a job")


def test_new_articles_share_no_sentence_but_those_that_are_meant_to_come_again() -> None:
    articles = Articles(seed=3)
    sentences = [source for _ in range(200) for source in Article(articles.new()).sources]
    again = {it for it in sentences if sentences.count(it) > 1}
    assert len(again) == 3
    assert len(set(sentences)) > 500


def test_old_articles_are_twenty() -> None:
    articles = Articles(seed=3)
    assert len({articles.old() for _ in range(500)}) == 20
