"""The launch of a training: what it needs is made, then one process or several train."""

import math
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models.engines.device import cores
from models.training import alignment, checkpoint, corpus, vocabulary
from models.training.alignment import Lexicon
from models.training.examples import Examples, load_or_tokenise
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.training.replicas import Replicas

_LEAST_TOKENS = 750


def train(
    recipe: Recipe,
    run: Path,
    validation: tuple[Path, Path],
    *,
    device_name: str,
    replicas: int | None = None,
    workers: int | None = None,
    start_from: Path | None = None,
    pause_at: float = math.inf,
) -> None:
    """Snapshots, `best` and `resume.pt`; started again it goes on from `resume.pt`.

    `start_from`: a checkpoint whose weights a new run begins with (ForeignFile where it is of another
    network, or another one than the run began with); `replicas` processes train, on a CPU (None: one a
    core, each with 750 tokens of an update at least; one with workers); `workers` processes make the
    batches (None: several for a GPU, none for a CPU, whose cores are busy); `pause_at`, on the monotonic
    clock, ends this call with a snapshot.
    """
    import torch

    from models.training import network
    from models.training.replicas import started

    device = network.device_of(device_name)
    if device.type == "cpu":
        most = 1 if workers else min(cores(), recipe.optimiser.batch_tokens // _LEAST_TOKENS)
        count = replicas or max(1, most)
        torch.set_num_threads(1)  # the matrices are too small to share
    else:
        count = replicas or 1
        workers = max(1, cores() - 2) if workers is None else workers
        torch.set_float32_matmul_precision("high")
    if count > 1 and (device.type != "cpu" or workers):
        raise ValueError("replicas are for a CPU without workers: a GPU takes one, and so do workers")
    torch.manual_seed(recipe.seed)
    model = network.build(recipe.network, recipe.vocabulary.size)
    is_new = not (run / checkpoint.RESUME).exists()
    if is_new and start_from:
        network.start_from_checkpoint(model, start_from, run)
    # All that is learnt before the training: replicas find it made.
    examples = _examples(recipe, run)
    lexicon = _lexicon(recipe, run, examples)
    if is_new and not start_from:
        _start_from_corpus(model, recipe, examples, lexicon)
    call = _Call(recipe, run, validation, device, workers or 0, start_from, pause_at)
    with started(count, _train_replica, call) as leader:
        _train_in(leader, call, examples, model)


class _Call(NamedTuple):
    """What the replicas of one training are started with."""

    recipe: Recipe
    run: Path
    validation: tuple[Path, Path]
    device: Any  # torch's
    workers: int
    start_from: Path | None
    pause_at: float


def _train_replica(replicas: "Replicas", call: _Call) -> None:
    import torch

    from models.training import network

    torch.set_num_threads(1)
    model = network.build(call.recipe.network, call.recipe.vocabulary.size)  # its weights are the leader's
    _train_in(replicas, call, _examples(call.recipe, call.run), model)


def _train_in(replicas: "Replicas", call: _Call, examples: Examples, model: Any) -> None:
    from models.training.feed import Feed
    from models.training.trainer import Trainer
    from models.training.validation import Validation

    sources, references = (corpus.lines_of(path) for path in call.validation)
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
            device=call.device,
            replicas=replicas,
            start_from=call.start_from,
            pause_at=call.pause_at,
        ).train()


def _examples(recipe: Recipe, run: Path) -> Examples:
    wanted = {origin for stage in recipe.stages for origin in stage.weights}
    return load_or_tokenise(run, wanted, recipe.tagged)


def _lexicon(recipe: Recipe, run: Path, examples: Examples) -> Lexicon | None:
    if not recipe.alignment.wanted:
        return None
    made_with = checkpoint.vocabularies(run) | {"set of corpora": " ".join(sorted(set(examples.origins)))}
    return alignment.load_or_learn(run / alignment.LEXICON, examples, recipe.vocabulary.size, made_with)


def _start_from_corpus(model: Any, recipe: Recipe, examples: Examples, lexicon: Lexicon | None) -> None:
    from models.training import network

    size = recipe.vocabulary.size
    counts = np.bincount(examples.targets.ids, minlength=size - 1)
    counts[vocabulary.EOS] += len(examples.targets)
    network.start_from_frequencies(model, counts)
    if lexicon and recipe.alignment.lexical_embeddings:
        vectors = network.word_vectors(examples.targets, size, recipe.network.width)
        network.start_from_lexicon(model, lexicon.probability, vectors)
