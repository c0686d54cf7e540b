"""The stages as the command line runs them: each reads a run directory and leaves its part there."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from models.text.arabic import for_engine
from models.text.segments import split
from models.training import corpus, vocabulary
from models.training.recipe import Recipe

PAIRS = "pairs.tsv.xz"
COUNTS = "corpus.json"
AVERAGED = "averaged"


def prepare(files: list[Path], held_out: list[Path], run: Path) -> dict[str, Any]:
    """Clean `files` in the order given (the first of two duplicates stays) into `run`."""
    from tqdm import tqdm

    run.mkdir(parents=True, exist_ok=True)
    lines = [line for path in held_out for line in lines_of(path)]
    sentences = [line[it.start : it.end] for line in lines for it in split(line)]
    cleaner = corpus.Cleaner(corpus.HeldOut([*lines, *sentences]))
    kept: dict[str, int] = {}

    def counted() -> Any:
        for path in files:
            origin = corpus.origin_of(path)
            for pair in tqdm(cleaner.clean(corpus.read_pairs(path)), desc=f"prepare {origin}"):
                kept[origin] = kept.get(origin, 0) + 1
                yield pair

    corpus.write_prepared(run / PAIRS, counted())
    report = {"kept": kept, "refused": dict(cleaner.refused)}
    (run / COUNTS).write_text(json.dumps(report, indent=2), "utf-8")
    return report


def learn_vocabulary(recipe: Recipe, run: Path) -> None:
    """`source.spm` and `target.spm`, of one size, learnt on what the recipe weighs."""
    pairs = list(corpus.read_prepared(run / PAIRS))
    for side in vocabulary.SIDES:
        sentences = vocabulary.weighted(pairs, recipe.vocabulary.weights, side)
        vocabulary.learn(sentences, run / side, recipe.vocabulary.size)


def train(recipe: Recipe, run: Path, validation: tuple[Path, Path], device_name: str) -> None:
    """Snapshots, `best` and `resume.pt`; started again it goes on from `resume.pt`."""
    import torch

    from models.training import alignment, network
    from models.training.batches import Examples
    from models.training.trainer import Trainer
    from models.training.validation import Validation

    device = torch.device(_device(device_name))
    torch.manual_seed(recipe.seed)
    processors = (vocabulary.load(run, "source"), vocabulary.load(run, "target"))
    size = recipe.vocabulary.size
    wanted = {origin for stage in recipe.stages for origin in stage.weights}
    pairs = [pair for pair in corpus.read_prepared(run / PAIRS) if pair.origin in wanted]
    examples = Examples(pairs, *processors, recipe.sampling_alpha)
    model = network.build(recipe.network, size)
    pieces = np.concatenate(examples.targets)
    network.start_from_frequencies(model, np.bincount(pieces, minlength=size - 1))
    if recipe.alignment.wanted:
        lexicon = alignment.load_or_learn(run / "lexicon.npy", examples, size)
        if recipe.alignment.lexical_embeddings:
            vectors = network.word_vectors(examples.targets, size, recipe.network.width)
            network.start_from_lexicon(model, lexicon.probability, vectors)
        if recipe.alignment.weight:
            examples.lexicon = lexicon
            model.set_attn_implementation("eager")  # the others do not return attention
    sources, references = (lines_of(path) for path in validation)
    check = Validation(sources, references, *processors, recipe.validation_sentences)
    trainer = Trainer(recipe=recipe, model=model, examples=examples, validation=check, run=run, device=device)
    trainer.train()


def average(run: Path, last: int = 0) -> None:
    """The mean of the newest `last` snapshots (0: of all that were kept) as `averaged`."""
    from models.training.averaging import average as mean

    mean(sorted((run / "snapshots").glob("step-*"))[-last:], run, run / AVERAGED)


def export(recipe: Recipe, run: Path, checkpoint: Path, directory: Path, facts: dict[str, Any]) -> None:
    """CTranslate2 weights; `facts` are the manifest's that neither recipe nor weights can tell."""
    from models.training.export import export as write

    kept = json.loads((run / COUNTS).read_text("utf-8"))["kept"]
    used = {name for stage in recipe.stages for name, weight in stage.weights.items() if weight}
    trained_on = [{"corpus": name, "pairs": kept[name]} for name in kept if name in used]
    write(checkpoint, directory, {"name": recipe.name, **facts, "trained_on": trained_on})


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


def lines_of(path: Path) -> list[str]:
    """A text file's lines in the engine form."""
    with corpus.open_text(path) as lines:
        return [for_engine(line) for line in lines]


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"
