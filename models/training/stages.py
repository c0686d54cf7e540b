"""The stages as the command line runs them, but training, which is launched in launch.py: each reads a run
directory and leaves its part there."""

import json
from pathlib import Path
from typing import Any

from models.text.segments import split
from models.training import checkpoint, corpus, vocabulary
from models.training.examples import PAIRS
from models.training.recipe import Recipe

COUNTS = "corpus.json"
AVERAGED = "averaged"
_TOLD = ("source_language", "target_language", "held_out")  # what the manifest takes from it


def prepare(files: list[Path], held_out: list[Path], run: Path, *, reverse: bool = False) -> dict[str, Any]:
    """Clean `files` in the order given (the first of two duplicates stays) into `run`.

    `reverse`: for a model that translates the other way, whose source is English.
    """
    from tqdm import tqdm

    run.mkdir(parents=True, exist_ok=True)
    lines = [line for path in held_out for line in corpus.lines_of(path)]
    sentences = [line[it.start : it.end] for line in lines for it in split(line)]
    cleaner = corpus.Cleaner(corpus.HeldOut([*lines, *sentences]))
    kept: dict[str, int] = {}

    def counted() -> Any:
        for path in files:
            origin = corpus.origin_of(path)
            for pair in tqdm(cleaner.clean(corpus.read_pairs(path)), desc=f"prepare {origin}"):
                kept[origin] = kept.get(origin, 0) + 1
                yield pair.reversed if reverse else pair

    with checkpoint.whole(run / PAIRS) as fresh:
        corpus.write_prepared(fresh, counted())
    report = {
        "source_language": "en" if reverse else "ar",
        "target_language": "ar" if reverse else "en",
        "kept": kept,
        "refused": dict(cleaner.refused),
        "inputs": _named(files),
        "held_out": _named(held_out),
    }
    (run / COUNTS).write_text(json.dumps(report, indent=2), "utf-8")
    return report


def learn_vocabulary(recipe: Recipe, run: Path) -> None:
    """`source.spm` and `target.spm`, of one size, learnt on what the recipe weighs."""
    pairs = list(corpus.read_prepared(run / PAIRS))
    for side in vocabulary.SIDES:
        sentences = vocabulary.weighted(pairs, recipe.vocabulary.weights, side)
        symbols = [vocabulary.SYNTHETIC] if side == "source" and recipe.tagged else []
        with checkpoint.whole(run / f"{side}.spm") as fresh:
            vocabulary.learn(sentences, fresh, recipe.vocabulary.size, symbols=symbols)


def average(run: Path, last: int = 0) -> None:
    """The mean of the newest `last` snapshots (0: of all that were kept) as `averaged`."""
    from models.training.averaging import average as mean

    mean(sorted((run / checkpoint.SNAPSHOTS).glob("step-*"))[-last:], run, run / AVERAGED)


def export(recipe: Recipe, run: Path, weights: Path, directory: Path, facts: dict[str, Any]) -> None:
    """CTranslate2 weights; `facts` are the manifest's that neither recipe nor weights can tell."""
    from models.training.export import export as write

    prepared = json.loads((run / COUNTS).read_text("utf-8"))
    pairs: dict[str, int] = prepared["kept"]
    seen = {name: tokens for name, tokens in checkpoint.seen(weights).items() if tokens}
    trained_on: list[dict[str, Any]] = [
        {"corpus": name, "use": "training", "target_tokens": tokens}
        | ({"pairs": pairs[name]} if name in pairs else {})
        for name, tokens in seen.items()
    ]
    trained_on += [
        {"corpus": name, "use": "vocabulary", "pairs": count}
        for name, count in pairs.items()
        if name not in seen and recipe.vocabulary.weights.get(name, 1.0)
    ]
    told = {name: prepared[name] for name in _TOLD if name in prepared}
    write(weights, directory, {"name": recipe.name, **facts, **told, "trained_on": trained_on})


def score(directory: Path, sets: dict[str, tuple[Path, Path]]) -> str:
    """Write BLEU and chrF on each set into the manifest; returns a table that also has fidelity."""
    from models.evaluation import served, translation
    from models.training.export import read_manifest, write_manifest

    manifest = read_manifest(directory)
    scores = []
    for name, (source, target) in sets.items():
        lines, references = (translation.read_lines(path) for path in (source, target))
        hypotheses = served.translate(directory, lines)
        scores.append(translation.score(name, lines, hypotheses, references))
        rounded = {"bleu": round(scores[-1].bleu, 1), "chrf": round(scores[-1].chrf, 1)}
        manifest["scores"][name] = rounded
    write_manifest(directory, manifest)
    return translation.table(scores)


def _named(files: list[Path]) -> list[dict[str, str]]:
    return [{"file": path.name, "sha256": checkpoint.sha256(path)} for path in files]
