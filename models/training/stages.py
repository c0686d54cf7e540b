"""The stages as the command line runs them: each reads a run directory and leaves its part there."""

import json
import math
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.text.arabic import for_engine
from models.text.segments import split
from models.training import checkpoint, corpus, vocabulary
from models.training.examples import PAIRS, Examples, load_or_tokenise
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.training.replicas import Replicas

COUNTS = "corpus.json"
AVERAGED = "averaged"
_LEAST_TOKENS = 750
_TOLD = ("source_language", "target_language", "held_out")  # what the manifest takes from it


def prepare(files: list[Path], held_out: list[Path], run: Path, *, reverse: bool = False) -> dict[str, Any]:
    """Clean `files` in the order given (the first of two duplicates stays) into `run`.

    `reverse`: for a model that translates the other way, whose source is English.
    """
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


def train(
    recipe: Recipe,
    run: Path,
    validation: tuple[Path, Path],
    *,
    device_name: str,
    replicas: int | None = None,
    workers: int | None = None,
    pause_at: float = math.inf,
) -> None:
    """Snapshots, `best` and `resume.pt`; started again it goes on from `resume.pt`.

    `replicas` processes train, on a CPU (None: one a core, each with 750 tokens of an update at
    least; one with workers);
    `workers` processes make the batches (None: several for a GPU, none for a CPU, whose cores are
    busy); `pause_at`, on the monotonic clock, ends this call with a snapshot.
    """
    import torch

    from models.training.replicas import started

    device = _device(device_name)
    if device == "cpu":
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        most = 1 if workers else min(cores, recipe.optimiser.batch_tokens // _LEAST_TOKENS)
        count = replicas or max(1, most)
        torch.set_num_threads(1)  # the matrices are too small to share
    else:
        count = replicas or 1
        workers = max(1, (os.cpu_count() or 2) - 2) if workers is None else workers
        torch.set_float32_matmul_precision("high")
    if count > 1 and (device != "cpu" or workers):
        raise ValueError("replicas are for a CPU without workers: a GPU takes one, and so do workers")
    torch.manual_seed(recipe.seed)
    examples = _examples(recipe, run)
    model = _fresh_model(recipe, run, examples)  # and all that is learnt for it: replicas find it made
    call = _Call(recipe, run, validation, device, workers or 0, pause_at)
    with started(count, _train_replica, call) as leader:
        _train_in(leader, call, examples, model)


class _Call(NamedTuple):
    """What the replicas of one training are started with."""

    recipe: Recipe
    run: Path
    validation: tuple[Path, Path]
    device_name: str
    workers: int
    pause_at: float


def _train_replica(replicas: "Replicas", call: _Call) -> None:
    import torch

    from models.training import network

    torch.set_num_threads(1)
    model = network.build(call.recipe.network, call.recipe.vocabulary.size)  # its weights are the leader's
    _train_in(replicas, call, _examples(call.recipe, call.run), model)


def _train_in(replicas: "Replicas", call: _Call, examples: Examples, model: Any) -> None:
    import torch

    from models.training.feed import Feed
    from models.training.trainer import Trainer
    from models.training.validation import Validation

    sources, references = (lines_of(path) for path in call.validation)
    source, target = (vocabulary.load(call.run, side) for side in vocabulary.SIDES)
    sentences = call.recipe.validation_sentences
    with closing(Feed(call.run, model.config.pad_token_id, call.workers)) as feed:
        Trainer(
            recipe=call.recipe,
            model=model,
            examples=examples,
            feed=feed,
            validation=Validation(sources, references, source, target, sentences),
            run=call.run,
            device=torch.device(call.device_name),
            replicas=replicas,
            pause_at=call.pause_at,
        ).train()


def _examples(recipe: Recipe, run: Path) -> Examples:
    wanted = {origin for stage in recipe.stages for origin in stage.weights}
    return load_or_tokenise(run, wanted, recipe.tagged)


def _fresh_model(recipe: Recipe, run: Path, examples: Examples) -> Any:
    from models.training import alignment, network

    size = recipe.vocabulary.size
    model = network.build(recipe.network, size)
    counts = np.bincount(examples.targets.ids, minlength=size - 1)
    counts[vocabulary.EOS] += len(examples.targets)
    network.start_from_frequencies(model, counts)
    if recipe.alignment.wanted:
        made_with = checkpoint.vocabularies(run) | {"set of corpora": " ".join(sorted(set(examples.origins)))}
        lexicon = alignment.load_or_learn(run / alignment.LEXICON, examples, size, made_with)
        if recipe.alignment.lexical_embeddings:
            vectors = network.word_vectors(examples.targets, size, recipe.network.width)
            network.start_from_lexicon(model, lexicon.probability, vectors)
    return model


def average(run: Path, last: int = 0) -> None:
    """The mean of the newest `last` snapshots (0: of all that were kept) as `averaged`."""
    from models.training.averaging import average as mean

    mean(sorted((run / "snapshots").glob("step-*"))[-last:], run, run / AVERAGED)


def export(recipe: Recipe, run: Path, weights: Path, directory: Path, facts: dict[str, Any]) -> None:
    """CTranslate2 weights; `facts` are the manifest's that neither recipe nor weights can tell."""
    from models.training.export import export as write

    prepared = json.loads((run / COUNTS).read_text("utf-8"))
    trained = {name for stage in recipe.stages for name, weight in stage.weights.items() if weight}
    seen = {name for name in prepared["kept"] if recipe.vocabulary.weights.get(name, 1.0)}
    trained_on = [
        {"corpus": name, "pairs": pairs, "use": "training" if name in trained else "vocabulary"}
        for name, pairs in prepared["kept"].items()
        if name in trained | seen
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


def lines_of(path: Path) -> list[str]:
    """A text file's lines in the engine form."""
    with corpus.open_text(path) as lines:
        return [for_engine(line) for line in lines]


def _named(files: list[Path]) -> list[dict[str, str]]:
    return [{"file": path.name, "sha256": checkpoint.sha256(path)} for path in files]


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"
