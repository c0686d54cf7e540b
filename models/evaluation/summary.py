"""Summaries scored beside people's: `khulasa eval summary --easc FILE.jsonl`."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from models.article import Article
from models.engines.extractive import excerpts, summarise
from models.evaluation import bootstrap, easc
from models.evaluation.rouge import Rouge, rouge_l, rouge_n, tokens

Texts = Sequence[tuple[str, Sequence[str]]]  # what one system gives for one article, each with its references
System = Callable[[easc.Summarised, float], Texts]
_MEASURES: dict[str, Callable[[str, Sequence[str]], Rouge]] = {
    "ROUGE-1": rouge_n,
    "ROUGE-2": lambda text, references: rouge_n(text, references, 2),
    "ROUGE-L": rouge_l,
    "ROUGE-1, stems": lambda text, references: rouge_n(text, references, stemmed=True),
}
_KINDS = {"all": (True, False), "newspapers": (True,), "Wikipedia": (False,)}


def lead(article: easc.Summarised, budget: float) -> Texts:
    return [(easc.lead(article, budget), article.summaries)]


def ours(article: easc.Summarised, budget: float) -> Texts:
    """What the summary step gives, cut where its last sentence runs over."""
    return [(easc.cut(text, article.words_in(budget)), refs) for text, refs in ours_uncut(article, budget)]


def ours_uncut(article: easc.Summarised, budget: float) -> Texts:
    sources = Article(article.text).sources
    text = " ".join(excerpts(sources, summarise(sources, ratio=budget)))
    return [(text, article.summaries)]


def a_reader(article: easc.Summarised, budget: float) -> Texts:
    """Each human summary, cut to the budget, against the others."""
    summaries = article.summaries
    return [
        (easc.cut(own, article.words_in(budget)), [*summaries[:index], *summaries[index + 1 :]])
        for index, own in enumerate(summaries)
    ]


def oracle(article: easc.Summarised, budget: float) -> Texts:
    """Whole sentences within the budget, each the one that adds most: it has read the references."""
    sources, left = Article(article.text).sources, article.words_in(budget)
    words = [Counter(tokens(source)) for source in sources]
    references = [Counter(tokens(summary)) for summary in article.summaries]
    taken: Counter[str] = Counter()
    picks: list[int] = []
    best = 0.0
    while True:
        fitting = [it for it in range(len(sources)) if it not in picks and len(sources[it].split()) <= left]
        gains = {index: _f(taken + words[index], references) for index in fitting}
        pick = max(gains, key=lambda index: gains[index], default=-1)
        if pick < 0 or gains[pick] <= best:
            return [(" ".join(sources[index] for index in sorted(picks)), article.summaries)]
        best = gains[pick]
        taken += words[pick]
        left -= len(sources[pick].split())
        picks.append(pick)


def _f(words: Counter[str], references: Sequence[Counter[str]]) -> float:
    return _mean([2 * (words & it).total() / max(1, words.total() + it.total()) for it in references])


_SYSTEMS: dict[str, System] = {
    "lead": lead,
    "ours": ours,
    "ours, uncut": ours_uncut,
    "one human": a_reader,
    "oracle": oracle,
}


def scores(articles: Sequence[easc.Summarised], system: System, budget: float) -> dict[str, list[float]]:
    """By measure the F of every article, 0 to 100, and its length in `words`: percent of the article's."""
    columns: dict[str, list[float]] = {"words": [], **{name: [] for name in _MEASURES}}
    for article in articles:
        texts = system(article, budget)
        total = len(article.text.split())
        columns["words"].append(_mean([100 * len(text.split()) / total for text, _ in texts]))
        for name, measure in _MEASURES.items():
            columns[name].append(_mean([100 * measure(text, references).f for text, references in texts]))
    return columns


def table(articles: Sequence[easc.Summarised], budget: float) -> str:
    """One Markdown table, a row a system, and under it by how much ours is over lead."""
    scored = {name: scores(articles, system, budget) for name, system in _SYSTEMS.items()}
    rows = {kind: [i for i, it in enumerate(articles) if it.is_news in news] for kind, news in _KINDS.items()}
    kinds = {kind: of for kind, of in rows.items() if of}
    heads = ["F, mean over the references", *(f"ROUGE-1, {kind} ({len(of)})" for kind, of in kinds.items())]
    heads += [*list(_MEASURES)[1:], "words, %"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for name, columns in scored.items():
        means = [_mean([columns["ROUGE-1"][index] for index in of]) for of in kinds.values()]
        means += [_mean(columns[column]) for column in (*list(_MEASURES)[1:], "words")]
        lines.append(f"| {name} | " + " | ".join(f"{value:.1f}" for value in means) + " |")
    lines += ["", f"Cut at {budget:.1%} of the article's words. Ours over lead, with 95 % of the bootstrap:"]
    for measure in _MEASURES:
        margins = [_margin(scored["ours"][measure], scored["lead"][measure], of) for of in kinds.values()]
        found = "; ".join(f"{kind} {it}" for kind, it in zip(kinds, margins, strict=True))
        lines.append(f"- {measure}: {found}")
    return "\n".join(lines)


def _margin(one: Sequence[float], other: Sequence[float], of: Sequence[int]) -> bootstrap.Mean:
    return bootstrap.mean([one[index] - other[index] for index in of])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="khulasa eval summary", description=__doc__)
    parser.add_argument("--easc", type=Path, required=True, help="articles with summaries, as JSON lines")
    parser.add_argument("--budget", type=float, default=0.335, help="the length, as a share of the words")
    options = parser.parse_args(arguments)
    if not 0 < options.budget <= 1:
        parser.error("--budget must be over 0 and at most 1")
    try:
        articles = easc.read(options.easc)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(table(articles, options.budget))
    return 0


if __name__ == "__main__":
    sys.exit(main())
