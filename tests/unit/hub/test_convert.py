"""The conversion: CTranslate2 gives every sentence the probability that transformers gives it."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="converting needs torch")
transformers = pytest.importorskip("transformers", reason="converting needs transformers")
ctranslate2 = pytest.importorskip("ctranslate2")

from models.catalog import Family  # noqa: E402
from models.hub.convert import convert  # noqa: E402
from models.hub.errors import HubError  # noqa: E402
from tests.checkpoints import Layout, write_checkpoint  # noqa: E402
from tests.checkpoints.weights import numbering  # noqa: E402

PAD = "<pad>"
# mBART-25 is given its start by the engine, so it has no score without one.
LAYOUTS = [layout for layout in Layout if layout is not Layout.MBART25]


def converted(checkpoint: Path, family: Family, quantization: str = "float32") -> Path:
    directory = checkpoint.with_name(f"{checkpoint.name}-converted")
    directory.mkdir()
    convert(checkpoint, directory, family, quantization)
    return directory


def scores(model: Any, source: list[int], target: list[int], pad: int | None = None) -> list[float]:
    """The log-probability of each target token and of the end after them."""
    config = model.config
    given = torch.tensor([[config.decoder_start_token_id, *target]])
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([source]), decoder_input_ids=given).logits[0]
    if pad is not None:
        logits[:, pad] = float("-inf")
    log_probs = logits.log_softmax(-1)
    return [float(log_probs[row, token]) for row, token in enumerate([*target, config.eos_token_id])]


def assert_same_scores(
    checkpoint: Path,
    directory: Path,
    sources: dict[str, int],
    targets: dict[str, int],
    *,
    pad: int | None = None,
) -> None:
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(checkpoint).eval()
    chance = random.Random(3)
    source = [*chance.sample(sorted(sources), 12), "</s>"]
    target = chance.sample(sorted(targets), 8)
    [ours] = ctranslate2.Translator(str(directory)).score_batch([source], [target])
    ids = [sources.get(token, model.config.eos_token_id) for token in source]
    theirs = scores(model, ids, [targets[token] for token in target], pad)
    assert ours.log_probs == pytest.approx(theirs, abs=2e-3)


def words(tokens: Iterable[str]) -> list[str]:
    """The pieces of text, without control tokens."""
    return [token for token in tokens if token.startswith("▁") and len(token) > 2]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_converted_weights_score_as_the_checkpoint_does(layout: Layout, tmp_path: Path) -> None:
    checkpoint = write_checkpoint(layout, tmp_path / "checkpoint")
    directory = converted(checkpoint, layout.family)
    tokens = json.loads((directory / "shared_vocabulary.json").read_text())
    rows = numbering(layout, checkpoint)
    ids = {token: rows([token])[0] for token in words(tokens)}
    pad = rows([PAD])[0] if layout.family is Family.MARIAN else None
    assert_same_scores(checkpoint, directory, ids, ids, pad=pad)


@pytest.mark.parametrize("layout", list(Layout))
def test_int8_weights_of_every_layout_can_be_loaded(layout: Layout, tmp_path: Path) -> None:
    directory = converted(write_checkpoint(layout, tmp_path / "checkpoint"), layout.family, "int8")
    ctranslate2.Translator(str(directory))
    names = {path.name for path in directory.iterdir()}
    assert names & {"source.spm", "sentencepiece.bpe.model", "spiece.model"}
    assert "tokenizer_config.json" in names


def test_a_marian_model_may_have_a_vocabulary_for_each_side(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(Layout.MARIAN, tmp_path / "checkpoint")
    both = [token for token in json.loads((checkpoint / "vocab.json").read_text()) if token != PAD]
    source, target = [*both[:300], PAD], [*both[:2], *reversed(both[200:498]), PAD]
    ids = [{token: row for row, token in enumerate(side)} for side in (source, target)]
    for name, side in zip(("vocab.json", "target_vocab.json"), ids, strict=True):
        (checkpoint / name).write_text(json.dumps(side))
    (checkpoint / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "MarianTokenizer", "separate_vocabs": True})
    )
    old = transformers.MarianConfig.from_pretrained(checkpoint).to_dict()
    config = transformers.MarianConfig(
        **{
            **old,
            "vocab_size": len(source),
            "decoder_vocab_size": len(target),
            "pad_token_id": len(source) - 1,
            "decoder_start_token_id": len(target) - 1,
            "share_encoder_decoder_embeddings": False,
            "tie_word_embeddings": False,
        }
    )
    torch.manual_seed(2)
    model = transformers.MarianMTModel(config)
    with torch.no_grad():
        model.get_decoder().embed_tokens.weight[-1] = 0  # as in every trained one: the start is no word
    model.save_pretrained(checkpoint)
    directory = converted(checkpoint, Family.MARIAN)
    sides = [{token: side[token] for token in words(side)} for side in ids]
    assert_same_scores(checkpoint, directory, sides[0], sides[1], pad=len(target) - 1)


def test_pickled_weights_are_converted_too(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(Layout.NLLB, tmp_path / "checkpoint")
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(checkpoint)
    (checkpoint / "model.safetensors").unlink()
    # As torch wrote them when most models of the catalog were published.
    torch.save(model.state_dict(), checkpoint / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    ctranslate2.Translator(str(converted(checkpoint, Family.NLLB, "int8")))


def test_an_arabart_without_a_tokenizer_in_its_config_still_starts_its_decoder(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(Layout.ARABART, tmp_path / "checkpoint")
    config = json.loads((checkpoint / "config.json").read_text())
    config.pop("tokenizer_class")
    (checkpoint / "config.json").write_text(json.dumps(config))
    written = json.loads((converted(checkpoint, Family.MBART) / "config.json").read_text())
    assert written["decoder_start_token"] == written["eos_token"]


def test_what_cannot_be_converted_is_one_sentence(tmp_path: Path) -> None:
    checkpoint = write_checkpoint(Layout.NLLB, tmp_path / "checkpoint")
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(HubError, match="the checkpoint cannot be converted: ") as caught:
        converted(checkpoint, Family.NLLB)
    assert "\n" not in str(caught.value)


class Malice:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("malice",)


def test_a_pickle_that_would_run_code_holds_more_than_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = write_checkpoint(Layout.NLLB, tmp_path / "checkpoint")
    (checkpoint / "model.safetensors").unlink()
    torch.save({"weight": Malice()}, checkpoint / "pytorch_model.bin")
    with pytest.raises(HubError, match="hold more than weights"):
        converted(checkpoint, Family.NLLB)
    assert "malice" not in capsys.readouterr().out
