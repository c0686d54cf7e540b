"""The fit of the extractive summariser: `python -m models.evaluation.fit_summary --easc FILE.jsonl`."""

import argparse
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.article import Article
from models.engines.extractive import fill, is_heading
from models.engines.ranking import Weights, order, traits
from models.evaluation import bootstrap, easc, rouge

Scores = NDArray[np.float64]

# Coarse, so that there is little to fit by luck.
GRID = tuple(
    Weights(early, place, novelty)
    for early, place, novelty in product(
        (0.0, 0.25, 0.5, 1.0), (0.2, 0.35, 0.5, 0.7, 1.0), (0.3, 0.5, 0.7, 0.9, 1.1, 1.3)
    )
)
_BUDGET = 0.335
# Neighbouring lengths steady the fit: which sentence is the last is chance.
_BUDGETS = (0.2, 0.25, 0.3, _BUDGET, 0.37, 0.42)
_FOLDS, _SHUFFLES = 10, 5


class FitArticle:
    """One article, prepared so that a set of weights is scored in a millisecond; headings play no part."""

    def __init__(self, article: easc.Summarised) -> None:
        sources = Article(article.text).sources
        bodies = [text for text in sources if not is_heading(text)] or list(sources)
        self.is_news = article.is_news
        self._words = len(article.text.split())
        self._traits = traits(bodies, sources[0] if is_heading(sources[0]) else "")
        references = [rouge.tokens(summary) for summary in article.summaries]
        known = {word: index for index, word in enumerate(dict.fromkeys(w for r in references for w in r))}
        self._unknown = len(known)  # one place for all words that no reference has
        self._references = np.array([self._count([known[word] for word in r]) for r in references])
        self._ids = [
            [[known.get(token, self._unknown) for token in rouge.tokens(word)] for word in text.split()]
            for text in bodies
        ]

    def score(self, weights: Weights, budgets: Sequence[float]) -> list[float]:
        """ROUGE-1 F at each length, cut to it: what `rouge_n` gives, but faster."""
        ranked = order(self._traits, weights)
        lengths = [len(words) for words in self._ids]
        scores = []
        for budget in budgets:
            picks = sorted(fill(ranked, lengths, budget * self._words))
            words = [word for pick in picks for word in self._ids[pick]][: round(budget * self._words)]
            own = self._count([token for word in words for token in word])
            shared = np.minimum(self._references, own).sum(axis=1)
            scores.append(float((2 * shared / (self._references.sum(axis=1) + own.sum())).mean()))
        return scores

    def _count(self, ids: Sequence[int]) -> NDArray[np.int64]:
        return np.bincount(np.array(ids, dtype=np.int64), minlength=self._unknown + 1)


def tried(articles: Sequence[FitArticle]) -> Scores:
    """The mean over the lengths, of every weights of the grid (rows) on every article (columns)."""
    return np.array([[np.mean(article.score(weights, _BUDGETS)) for article in articles] for weights in GRID])


def best(scores: Scores) -> Weights:
    return GRID[int(np.argmax(scores.mean(axis=1)))]


def held_out(articles: Sequence[FitArticle], scores: Scores) -> list[float]:
    """What each article scores with weights fitted without it: the mean over several ways to part them."""
    totals = np.zeros(len(articles))
    for seed in range(_SHUFFLES):
        parts = np.array_split(np.random.default_rng(seed).permutation(len(articles)), _FOLDS)
        for part in parts:
            weights = best(np.delete(scores, part, axis=1))
            for index in part:
                totals[index] += articles[index].score(weights, [_BUDGET])[0]
    return list(totals / _SHUFFLES)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.fit_summary", description=__doc__)
    parser.add_argument("--easc", type=Path, required=True, help="articles with summaries, as JSON lines")
    summarised = easc.read(parser.parse_args(arguments).easc)
    articles = [FitArticle(article) for article in summarised]
    scores = tried(articles)
    print(best(scores))
    lead = [rouge.rouge_n(easc.lead(it, _BUDGET), it.summaries).f for it in summarised]
    ours = held_out(articles, scores)
    for name, kept in (("all", (True, False)), ("newspapers", (True,)), ("Wikipedia", (False,))):
        of = [index for index, article in enumerate(articles) if article.is_news in kept]
        margin = bootstrap.mean([100 * (ours[index] - lead[index]) for index in of])
        score = 100 * np.mean([ours[index] for index in of])
        print(f"{name}: held out {score:.1f}, over lead {margin}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
