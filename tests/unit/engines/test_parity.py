"""The same weights say the same on CTranslate2 and on transformers, family by family."""

import shutil
from pathlib import Path

import pytest

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions
from models.engines.ctranslate2 import CTranslate2Generator
from models.engines.generation import Decoding, EngineOutOfMemory, Generator, Output
from models.engines.loading import open_generator, open_tokenizer, open_translator
from models.installed import CHECKPOINT, CONVERTED, Model
from tests.checkpoints import Layout, facts_of, write_checkpoint
from tests.checkpoints.language import odd_sentences, pairs

pytest.importorskip("torch", reason="checkpoints are made and converted with torch")
pytest.importorskip("google.protobuf", reason="transformers reads SentencePiece files with protobuf")

SENTENCES = [source for source, _ in pairs(100, seed=3)] + odd_sentences(100, seed=3)
REFERENCE = EngineOptions(engine="transformers")


def convert(model: Model, directory: Path, quantization: str) -> Model:
    from models.hub.convert import convert

    directory.mkdir(exist_ok=True)
    convert(model.path / CHECKPOINT, directory, model.family, quantization)
    return model.model_copy(update={"path": directory, "quantization": quantization})


@pytest.fixture(scope="module", params=list(Layout))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A folder with both: the checkpoint, and its weights converted in full precision."""
    folder: Path = tmp_path_factory.mktemp(request.param.value)
    write_checkpoint(request.param, folder / CHECKPOINT)
    return convert(Model(path=folder, **facts_of(request.param)), folder, "float32")


def generate(generator: Generator, model: Model, decoding: Decoding) -> list[Output]:
    tokenizer = open_tokenizer(model)
    tokens = [tokenizer.encode(sentence) for sentence in SENTENCES]
    return [
        _without_rows_that_have_no_token(output)
        for start in range(0, len(tokens), 50)
        for own in generator.generate(tokens[start : start + 50], tokenizer.target_prefix, decoding)
        for output in own
    ]


def _without_rows_that_have_no_token(output: Output) -> Output:
    """M2M100's last rows: CTranslate2's converter makes names up for them, transformers says <unk>."""
    tokens = ["<unk>" if token.startswith("madeupword") else token for token in output.tokens]
    return Output(tokens, output.ended)


@pytest.mark.parametrize(
    "decoding",
    [
        Decoding(max_tokens=20),
        Decoding(max_tokens=20, min_tokens=6, repetition_penalty=1.3),
        Decoding(max_tokens=20, no_repeat_ngram_size=2),
        Decoding(max_tokens=20, beam_size=4),
        Decoding(max_tokens=20, beam_size=4, candidates=3),
        Decoding(max_tokens=12, beam_size=4, min_tokens=4, length_penalty=0.6, no_repeat_ngram_size=3),
    ],
    ids=["greedy", "greedy-penalised", "greedy-blocked", "beam", "beam-candidates", "beam-short"],
)
def test_both_engines_give_the_same_tokens(model: Model, decoding: Decoding) -> None:
    converted = generate(open_generator(model, EngineOptions()), model, decoding)
    reference = generate(open_generator(model, REFERENCE), model, decoding)
    assert len({tuple(output.tokens) for output in reference}) > 20  # they are worth comparing
    assert len(reference) == decoding.candidates * len(SENTENCES)
    same = sum(one == other for one, other in zip(converted, reference, strict=True))
    assert same >= 0.99 * len(reference)


def test_eight_bits_cost_at_most_a_third_of_a_chrf_point(tmp_path: Path) -> None:
    sacrebleu = pytest.importorskip("sacrebleu", reason="it scores")
    write_checkpoint(Layout.MARIAN, tmp_path / CHECKPOINT, steps=200)
    trained = Model(path=tmp_path, **facts_of(Layout.MARIAN))
    tested = list(pairs(300, seed=77, longest=4))
    scores = {}
    for quantization in ("float32", "int8"):
        model = convert(trained, tmp_path / quantization, quantization)
        translator = open_translator(model, EngineOptions(beam_size=4))
        targets = translator.translate([source for source, _ in tested], lambda *_: None)
        references = [[target for _, target in tested]]
        scores[quantization] = sacrebleu.corpus_chrf([it.text for it in targets], references).score
    assert scores["float32"] > 30
    assert scores["int8"] == pytest.approx(scores["float32"], abs=0.3)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("reference")
    write_checkpoint(Layout.MARIAN, folder / CHECKPOINT)
    return Model(path=folder, **facts_of(Layout.MARIAN))


def test_the_setting_chooses_the_engine_where_the_folder_has_weights_for_both(model: Model) -> None:
    from models.engines.transformers import TransformersGenerator

    assert isinstance(open_generator(model, EngineOptions()), CTranslate2Generator)
    assert isinstance(open_generator(model, REFERENCE), TransformersGenerator)


def test_the_folder_chooses_the_engine_where_it_has_weights_for_one(
    checkpoint: Model, tmp_path: Path
) -> None:
    from models.engines.transformers import TransformersGenerator

    assert not (checkpoint.path / CONVERTED).exists()
    assert isinstance(open_generator(checkpoint, EngineOptions()), TransformersGenerator)
    assert isinstance(open_generator(convert(checkpoint, tmp_path, "int8"), REFERENCE), CTranslate2Generator)


def test_the_reference_engine_translates_each_source_once_and_in_order(checkpoint: Model) -> None:
    translator = open_translator(
        checkpoint, EngineOptions(engine="transformers", beam_size=1, batch_tokens=96)
    )
    sources = SENTENCES[:30]
    straight = translator.translate(sources, lambda *_: None)
    backwards = translator.translate(sources[::-1], lambda *_: None)[::-1]
    # How far a looping one may go depends on its companions in the batch.
    same = sum(one.text[:9] == other.text[:9] for one, other in zip(straight, backwards, strict=True))
    assert same >= 0.9 * len(sources)


def test_a_full_device_is_told_apart_from_a_broken_one(checkpoint: Model) -> None:
    from torch import cuda

    from models.engines.transformers import TransformersGenerator

    generator = TransformersGenerator(checkpoint, EngineOptions())

    def full(**_: object) -> None:
        raise cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    generator._network.generate = full
    with pytest.raises(EngineOutOfMemory):
        generator.generate([["</s>"]], [], Decoding(max_tokens=4))


@pytest.mark.parametrize("broken", ["config.json", "model.safetensors", "vocab.json"])
def test_a_broken_checkpoint_is_a_clear_error(checkpoint: Model, tmp_path: Path, broken: str) -> None:
    shutil.copytree(checkpoint.path / CHECKPOINT, tmp_path / CHECKPOINT)
    file = tmp_path / CHECKPOINT / broken
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BrokenModel, match="install the model again"):
        open_generator(checkpoint.model_copy(update={"path": tmp_path}), EngineOptions())
