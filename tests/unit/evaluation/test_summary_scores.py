"""The scores of summaries: every system at one length, beside lead, people and the best that could be had."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.engines.ranking import Weights
from models.evaluation import bootstrap, easc, fit_summary, summary
from models.evaluation.rouge import rouge_n

FILLER = "وتحدث {} عن موضوع {} في مدينة {} مساء يوم {} بحضور {}."
TEXT = " ".join(
    [
        "تفتح الجامعة غدا كلية جديدة للهندسة في مدينة البصرة.",
        *(FILLER.format(*(f"كلمة{number}{letter}" for letter in "ابتثج")) for number in range(6)),
        "وتضم كلية الهندسة في جامعة البصرة مختبرات جديدة للطلاب.",
    ]
)
SENTENCES = [f"{sentence.strip()}." for sentence in TEXT.split(".") if sentence.strip()]


def article(**changed: Any) -> easc.Summarised:
    given = {"text": TEXT, "summaries": [SENTENCES[0], SENTENCES[7], SENTENCES[1]], "is_news": True}
    return easc.Summarised(**given | changed)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    rows = [
        {"text": TEXT, "summaries": [SENTENCES[0], SENTENCES[7]], "licence": "CC-BY-SA-3.0 (Wikipedia)"},
        {"text": TEXT, "summaries": [SENTENCES[0], SENTENCES[1]], "licence": "with permission (newspaper)"},
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_every_system_keeps_to_the_budget_but_the_one_that_says_so() -> None:
    budget = 0.22
    limit = article().words_in(budget)
    for system in (summary.lead, summary.ours, summary.a_reader, summary.oracle):
        assert all(0 < len(text.split()) <= limit for text, _ in system(article(), budget))
    [(uncut, _)] = summary.ours_uncut(article(), budget)
    [(cut, _)] = summary.ours(article(), budget)
    assert uncut.startswith(cut)
    assert len(uncut.split()) > limit


def test_a_reader_is_never_compared_with_himself() -> None:
    first, *_ = summary.a_reader(article(), 0.5)
    assert first == (SENTENCES[0], [SENTENCES[7], SENTENCES[1]])
    assert len(summary.a_reader(article(), 0.5)) == 3


def test_the_oracle_finds_the_sentences_that_the_reference_is_made_of() -> None:
    wanted = article(summaries=[f"{SENTENCES[3]} {SENTENCES[7]}"])
    assert summary.oracle(wanted, 0.5)[0][0] == f"{SENTENCES[3]} {SENTENCES[7]}"
    assert summary.oracle(wanted, 0.2)[0][0] in (SENTENCES[3], SENTENCES[7])


def test_the_command_prints_one_table_and_the_margin(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert summary.main(["--easc", str(corpus), "--budget", "0.25"]) == 0
    told = capsys.readouterr().out
    names = [line.split("|")[1].strip() for line in told.splitlines() if line.startswith("|")]
    assert names[2:] == ["lead", "ours", "ours, uncut", "one human", "oracle"]
    assert "newspapers (1)" in told
    assert "Wikipedia (1)" in told
    lead = 100 * sum(rouge_n(easc.lead(it, 0.25), it.summaries).f for it in easc.read(corpus)) / 2
    assert f"| lead | {lead:.1f} |" in told


@pytest.mark.parametrize("wrong", ["", "{}", "[]\n[]", '{"text": "نص"}\n{"text": "نص"}', "no json"])
def test_a_file_that_holds_no_articles_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text(wrong, "utf-8")
    with pytest.raises(SystemExit):
        summary.main(["--easc", str(path)])
    assert "wrong.jsonl" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        summary.main(["--easc", str(path), "--budget", "0"])


def test_the_fit_scores_as_rouge_does() -> None:
    for given in (article(), article(text=f"عنوان المقال\n{TEXT}")):
        for budget in (0.2, 0.335, 0.5):
            [(text, references)] = summary.ours(given, budget)
            fitted = fit_summary.FitArticle(given).score(Weights(), [budget])
            assert fitted == [pytest.approx(rouge_n(text, references).f)]


def test_the_fit_finds_weights_that_score_best_and_says_how_they_do_held_out(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = (Weights(0.0, 0.0, 0.0), Weights(1.0, 1.0, 0.3), Weights(5.0, 0.0, 0.0))
    monkeypatch.setattr(fit_summary, "GRID", grid)
    articles = [fit_summary.FitArticle(it) for it in easc.read(corpus)]
    scores = fit_summary.tried(articles)
    assert scores.shape == (3, 2)
    assert fit_summary.best(scores) == grid[int(scores.mean(axis=1).argmax())]
    assert fit_summary.main(["--easc", str(corpus)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{fit_summary.best(scores)}\n")
    assert all(f"{kind}: held out " in told for kind in ("all", "newspapers", "Wikipedia"))


def test_the_bootstrap_holds_the_mean_and_is_always_the_same() -> None:
    sample = [1.0, 2.0, 3.0, 4.0] * 5
    found = bootstrap.mean(sample)
    assert found.low < found.value == 2.5 < found.high
    assert found == bootstrap.mean(sample)
    assert bootstrap.mean([3.0, 3.0]) == bootstrap.Mean(3.0, 3.0, 3.0)
    assert str(found).startswith("+2.5 [+2.")
