"""Articles with several human summaries each: the Essex Arabic Summaries Corpus as JSON lines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Summarised:
    """`summaries` are one for each human reader, made of sentences of the text."""

    text: str
    summaries: Sequence[str]
    is_news: bool

    def words_in(self, budget: float) -> int:
        """How many words, as white space parts them, a summary of so large a share has."""
        return round(budget * len(self.text.split()))


def read(path: Path) -> list[Summarised]:
    """ValueError where a line is not an article; what is not from Wikipedia is from a newspaper."""
    articles = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            articles.append(Summarised(row["text"], row["summaries"], "Wikipedia" not in row["licence"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: no article with text, summaries and licence") from error
    if len(articles) < 2:
        raise ValueError(f"{path} has fewer than two articles")
    return articles


def cut(text: str, words: int) -> str:
    """The text's first words: every system is compared at one length."""
    return " ".join(text.split()[:words])


def lead(article: Summarised, budget: float) -> str:
    """The article's own beginning, cut to the budget."""
    return cut(article.text, article.words_in(budget))
