"""The law of completeness over many articles: how many translations by the model that ships break it."""

import argparse
import lzma
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from jobs.errors import IncompleteTranslation
from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.step import Context
from models.steps.translation import Translation, TranslationOptions

_BREAKS = (" ", " ", " ", "\n", "\n\n", " \u00a0", "\r\n")


def articles(path: Path, sentences: int, seed: int) -> Iterator[str]:
    """The file's lines, `sentences` at a time, with spaces and line breaks between them as they come."""
    chance = random.Random(seed)
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        while lines := list(islice(file, sentences)):
            yield "".join(line.split("\t")[0].strip() + chance.choice(_BREAKS) for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--articles", type=Path, required=True, help="Arabic, a sentence a line, or .xz of it"
    )
    parser.add_argument("--count", type=int, default=200, help="articles")
    parser.add_argument("--sentences", type=int, default=15, help="lines in each")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    step, engines = Translation(), Engines(EngineOptions(threads=arguments.threads))
    context = Context(engines, {}, _unheard, _unheard)
    counts: Counter[str] = Counter()
    for text in islice(articles(arguments.articles, arguments.sentences, arguments.seed), arguments.count):
        counts["articles"] += 1
        try:
            result, _ = step.run(Article(text), TranslationOptions(), context)
        except IncompleteTranslation as error:
            counts["failures"] += 1
            print(f"article {counts['articles']}: {error.detail}")
            continue
        counts["segments"] += len(result.segments)
        counts.update(flag for segment in result.segments for flag in segment.flags)
    rows = ["articles", "failures", "segments"]
    print("| what | count |\n|---|---:|")
    for name in [*rows, *sorted(set(counts) - set(rows))]:
        print(f"| {name} | {counts[name]:,} |")


def _unheard(_done: int, _total: int, _part: Mapping[str, Any] | None = None) -> None:
    pass


if __name__ == "__main__":
    main()
