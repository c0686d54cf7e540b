"""The CTranslate2 engine with each family's tokenizer, on random weights that need no torch to make."""

import json
from pathlib import Path

import pytest

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions
from models.engines.ctranslate2 import CTranslate2Generator
from models.engines.generation import Decoding, EngineOutOfMemory
from models.engines.loading import open_generator, open_tokenizer, open_translator
from models.installed import Model
from tests.checkpoints.converted import write_converted
from tests.checkpoints.language import odd_sentences
from tests.checkpoints.layouts import Layout

SENTENCES = odd_sentences(40, seed=5)


@pytest.fixture(scope="module", params=list(Layout))
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return write_converted(request.param, tmp_path_factory.mktemp(request.param.value))


def test_every_family_translates_each_source_once_and_in_order(model: Model) -> None:
    translator = open_translator(model, EngineOptions(beam_size=1, batch_tokens=96))
    straight = translator.translate(SENTENCES, lambda *_: None)
    assert len(straight) == len(SENTENCES)
    backwards = translator.translate(SENTENCES[::-1], lambda *_: None)[::-1]
    # Its companions in a batch change a sentence's rounding, and how far a looping one may go.
    same = sum(one.text[:9] == other.text[:9] for one, other in zip(straight, backwards, strict=True))
    assert same >= 0.9 * len(SENTENCES)
    assert len({translation.text for translation in straight}) > 10  # the source is read


@pytest.mark.parametrize("beam_size", [1, 3])
def test_lengths_count_neither_the_language_nor_the_end(model: Model, beam_size: int) -> None:
    tokenizer, generator = open_tokenizer(model), open_generator(model, EngineOptions())
    batch = [tokenizer.encode(text) for text in SENTENCES]
    decoding = Decoding(max_tokens=5, min_tokens=2, beam_size=beam_size)
    outputs = generator.generate(batch, tokenizer.target_prefix, decoding)
    assert len(outputs) == len(batch)
    for [(tokens, ended)] in outputs:
        assert "</s>" not in tokens
        assert 2 <= len(tokens) <= 5
        assert ended or len(tokens) == 5
        assert tokens[:1] != tokenizer.target_prefix or not tokens[:1]


def test_a_source_of_the_model_s_full_length_is_read_to_its_end(model: Model) -> None:
    tokenizer, generator = open_tokenizer(model), open_generator(model, EngineOptions())
    long = tokenizer.encode(" ".join(["كتاب"] * 60))
    other = tokenizer.encode(" ".join(["كتاب"] * 59 + ["مدرسة"]))
    first, second = generator.generate([long, other], tokenizer.target_prefix, Decoding(max_tokens=20))
    assert first != second


def test_a_folder_with_broken_weights_is_a_clear_error(tmp_path: Path) -> None:
    model = write_converted(Layout.MARIAN, tmp_path)
    (tmp_path / "model.bin").write_bytes(b"half")
    with pytest.raises(BrokenModel, match="install the model again"):
        open_generator(model, EngineOptions())


def test_a_model_without_its_tokenizer_is_a_clear_error(tmp_path: Path) -> None:
    model = write_converted(Layout.NLLB, tmp_path)
    (tmp_path / "sentencepiece.bpe.model").unlink()
    with pytest.raises(
        BrokenModel, match=r"lacks its tokenizer, sentencepiece\.bpe\.model or tokenizer\.json"
    ):
        open_tokenizer(model)


def test_a_model_without_its_language_tokens_is_a_clear_error(tmp_path: Path) -> None:
    model = write_converted(Layout.NLLB, tmp_path).model_copy(update={"target_token": None})
    with pytest.raises(BrokenModel, match="lacks source_token or target_token"):
        open_tokenizer(model)


def test_a_prefix_that_the_vocabulary_lacks_is_a_clear_error(tmp_path: Path) -> None:
    model = write_converted(Layout.MT5, tmp_path).model_copy(update={"source_prefix": "<2en> "})
    with pytest.raises(BrokenModel, match="does not know the source_prefix <2en>"):
        open_tokenizer(model)


def test_an_end_that_the_weights_add_themselves_is_not_given_twice(tmp_path: Path) -> None:
    model = write_converted(Layout.MARIAN, tmp_path)
    tokenizer = open_tokenizer(model)
    batch = [tokenizer.encode(text) for text in SENTENCES[:8]]
    given = open_generator(model, EngineOptions()).generate(batch, [], Decoding(max_tokens=8))
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps(config | {"add_source_eos": True}), "utf-8")
    assert open_generator(model, EngineOptions()).generate(batch, [], Decoding(max_tokens=8)) == given


class Full:
    """A translator whose device has no memory left."""

    def __init__(self, message: str) -> None:
        self.message = message

    def translate_batch(self, *_: object, **__: object) -> None:
        raise RuntimeError(self.message)


def test_a_full_device_is_told_apart_from_a_broken_one(tmp_path: Path) -> None:
    generator = CTranslate2Generator(write_converted(Layout.MARIAN, tmp_path), EngineOptions())
    generator._translator = Full("CUDA failed with error out of memory")
    with pytest.raises(EngineOutOfMemory):
        generator.generate([["</s>"]], [], Decoding(max_tokens=4))
    generator._translator = Full("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED")
    with pytest.raises(RuntimeError, match="EXECUTION_FAILED"):
        generator.generate([["</s>"]], [], Decoding(max_tokens=4))
