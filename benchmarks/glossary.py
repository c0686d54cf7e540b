"""How a glossary's terms fare in the English of a model: in the plain one, by each stand-in, in the end."""

import argparse
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions, Translator
from models.engines.stand_ins import STAND_INS, StandIn, Targets, read, with_marks
from models.engines.terminology import Terminology
from models.glossary import Glossary, Term
from models.text.glossary import Matcher

_OWN = Path(__file__).with_name("glossary.tsv")
_LATER = Path(__file__).with_name("glossary_later.tsv")  # written after the stand-ins were chosen
_SEED_TERMS = Path(__file__).with_name("glossary_seeds.tsv")
_SEEDS = Path(__file__).parents[1] / "seeds"
Row = tuple[str, list[Term]]  # a sentence and its terms


def own_rows(path: Path) -> list[Row]:
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return [
        (sentence, [Term(ar=arabic, en=english) for _, arabic, english in group])
        for sentence, group in groupby(lines, key=lambda line: line[0])
    ]


def rows_of(articles: Sequence[str], terms: Sequence[Term]) -> list[Row]:
    """The sentences of some articles that have one of the terms."""
    rows = []
    for source in (source for text in articles for source in Article(text).sources):
        places = {match.term for match in Matcher([term.ar for term in terms]).find(source)}
        if places:
            rows.append((source, [terms[place] for place in sorted(places)]))
    return rows


def survivors(rows: Sequence[Row], translator: Translator, stand_in: StandIn | None) -> int:
    """In how many of the sentences every term stands, with one form alone (None: the English itself)."""
    drafts, marks = [], []
    for source, terms in rows:
        matches = Matcher([term.ar for term in terms]).find(source)
        numbers = range(1, len(matches) + 1)
        targets = [terms[match.term].target for match in matches]
        drafts.append(
            with_marks(source, matches, [stand_in.write(n) for n in numbers] if stand_in else targets)
        )
        marks.append(
            [(stand_in.find(n), it) for n, it in zip(numbers, targets, strict=True)] if stand_in else []
        )
    given = translator.translate(drafts, _unheard)
    texts = [read(english.text, own) for english, own in zip(given, marks, strict=True)]
    return sum(
        text is not None and _has_all(terms, text) for text, (_, terms) in zip(texts, rows, strict=True)
    )


def _has_all(terms: Sequence[Term], text: str) -> bool:
    return all(Targets({place: term.target for place, term in enumerate(terms)}).count(text).values())


def _unheard(_done: int, _total: int) -> None:
    pass


def report(name: str, rows: Sequence[Row], translator: Translator) -> None:
    def line(what: str, count: int, of: int) -> None:
        print(f"{name:8}{what:24}{count:4} of {of}")

    plain = translator.translate([source for source, _ in rows], _unheard)
    line("plain", sum(_has_all(it[1], given.text) for it, given in zip(rows, plain, strict=True)), len(rows))
    line("English in the Arabic", survivors(rows, translator, None), len(rows))
    for stand_in in STAND_INS:
        line(f"stand-in {stand_in.write(1)}", survivors(rows, translator, stand_in), len(rows))
    found = applied = whole = 0
    for source, terms in rows:
        terminology = Terminology(translator, Glossary(terms=terms))
        [rendering] = terminology.translate([source], _unheard)
        whole += "name-missing" not in rendering.flags
        found += sum(it.found for it in terminology.report.terms) if terminology.report else 0
        applied += sum(it.applied for it in terminology.report.terms) if terminology.report else 0
    line("all in turn", whole, len(rows))
    line("  occurrences", applied, found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="a folder or name; else the one that the service would take")
    parser.add_argument("--models-dir", type=Path)
    arguments = parser.parse_args()
    translator = Engines(EngineOptions(models_dir=arguments.models_dir)).translator(arguments.model)
    rows = own_rows(_OWN)
    pairs = [line.split("\t") for line in _SEED_TERMS.read_text("utf-8").splitlines()]
    seed_terms = [Term(ar=arabic, en=english) for arabic, english in pairs]
    seeds = [path.read_text("utf-8") for path in sorted(_SEEDS.glob("*.txt"))]
    print(translator.model.name)
    report("own", rows, translator)
    report("kept", [(it, [Term(ar=term.ar, en="") for term in terms]) for it, terms in rows], translator)
    report("later", own_rows(_LATER), translator)
    report("seeds", rows_of(seeds, seed_terms), translator)


if __name__ == "__main__":
    main()
