"""The whole pipeline on a toy corpus, from pairs to int8 weights that translate."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs requirements-train.txt")
pytest.importorskip("sacrebleu", reason="training needs requirements-train.txt")

from models.engines.contract import EngineOptions
from models.evaluation import served
from models.training import trainer, vocabulary
from models.training.__main__ import main
from models.training.loss import loss_of
from tests.unit.training import toy
from tests.unit.training.runs import lines_in, prepared, train


def test_the_toy_model_translates_sentences_that_it_was_not_trained_on(made: Path) -> None:
    translations = served.translate(made / "exported", lines_in(made / "dev.ar"))
    right = [a == b for a, b in zip(translations, lines_in(made / "dev.en"), strict=True)]
    assert sum(right) >= 0.75 * len(right)


def test_the_manifest_tells_what_the_weights_are(made: Path) -> None:
    manifest = json.loads((made / "exported" / "manifest.json").read_text("utf-8"))
    assert manifest["family"] == "marian"
    assert (manifest["source_language"], manifest["target_language"]) == ("ar", "en")
    last = json.loads((made / "run" / "log.jsonl").read_text("utf-8").splitlines()[-1])
    assert manifest["trained_on"] == [
        {"corpus": "toy", "pairs": 88, "use": "training", "target_tokens": last["target_tokens"]}
    ]
    assert manifest["scores"]["toy-dev"]["chrf"] > 80.0
    assert {"model.bin", "source.spm", "target.spm"} <= set(manifest["sha256"])


def test_each_side_keeps_its_own_vocabulary_in_the_export(made: Path) -> None:
    for side in vocabulary.SIDES:
        pieces = json.loads((made / "exported" / f"{side}_vocabulary.json").read_text("utf-8"))
        assert pieces == vocabulary.pieces_of(vocabulary.load(made / "run", side), 360)[:-1]


def test_the_decoder_starts_from_zero_as_ctranslate2_does(made: Path) -> None:
    from transformers import MarianMTModel

    model = MarianMTModel.from_pretrained(made / "run" / "averaged")
    assert not model.model.decoder.embed_tokens.weight[-1].any()


def test_ctranslate2_in_float_translates_as_transformers_does(made: Path, tmp_path: Path) -> None:
    import torch
    from transformers import MarianMTModel

    from models.training.export import export
    from models.training.validation import translate

    facts = {"name": "toy", "licence": "CC0-1.0", "quantization": "float32"}
    export(made / "run" / "averaged", tmp_path, facts)
    lines = lines_in(made / "dev.ar")
    model = MarianMTModel.from_pretrained(made / "run" / "averaged")
    processors = [vocabulary.load(made / "run", side) for side in vocabulary.SIDES]
    greedy = EngineOptions(beam_size=1)
    assert served.translate(tmp_path, lines, greedy) == translate(
        model, lines, *processors, torch.device("cpu")
    )


@pytest.mark.filterwarnings("ignore:Recommended. pip install sacremoses")
def test_the_stock_tokenizer_reads_the_checkpoint(made: Path) -> None:
    from transformers import MarianTokenizer

    tokenizer = MarianTokenizer.from_pretrained(made / "run" / "averaged")
    line = lines_in(made / "dev.ar")[0]
    ours = [*vocabulary.load(made / "run", "source").encode(line), vocabulary.EOS]
    assert tokenizer(line)["input_ids"] == ours


def test_the_manifest_also_names_what_only_the_vocabulary_saw_and_what_was_kept_out(
    made: Path, tmp_path: Path
) -> None:
    counts = json.loads((made / "run" / "corpus.json").read_text("utf-8"))
    counts["kept"] |= {"names": 7, "unused": 9}
    (tmp_path / "corpus.json").write_text(json.dumps(counts), "utf-8")
    recipe = toy.write_recipe(tmp_path)
    text = recipe.read_text("utf-8").replace("weights = { toy = 1 }", "weights = { toy = 1, unused = 0 }", 1)
    recipe.write_text(text, "utf-8")
    options = ["--run", str(tmp_path), "--recipe", str(recipe), "--into", str(tmp_path / "exported")]
    averaged = shutil.copytree(made / "run" / "averaged", tmp_path / "averaged")
    seen = json.loads((averaged / "seen.json").read_text("utf-8"))
    (averaged / "seen.json").write_text(json.dumps(seen | {"earlier": 5}))  # by the run that it started from
    assert main(["export", *options, "--checkpoint", str(averaged), "--licence", "CC0-1.0"]) == 0
    manifest = json.loads((tmp_path / "exported" / "manifest.json").read_text("utf-8"))
    assert manifest["trained_on"] == [
        {"corpus": "toy", "pairs": 88, "use": "training", "target_tokens": seen["toy"]},
        {"corpus": "earlier", "use": "training", "target_tokens": 5},
        {"corpus": "names", "pairs": 7, "use": "vocabulary"},
    ]
    assert [named["file"] for named in manifest["held_out"]] == ["dev.ar"]


def test_once_guidance_ends_sources_are_sampled_and_attention_is_the_fast_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, str]] = []

    def watched(model: Any, batch: Any, *rest: Any) -> Any:
        seen.append((batch.links.size > 0, model.config._attn_implementation))
        return loss_of(model, batch, *rest)

    monkeypatch.setattr(trainer, "loss_of", watched)
    recipe = toy.write_recipe(tmp_path, max_steps=10, guided_until=0.5, sampling_alpha=0.3)
    train(prepared(tmp_path, recipe), recipe)
    assert seen == [(True, "eager")] * 5 + [(False, "sdpa")] * 5


def test_a_stage_that_no_pair_fits_is_an_error_and_not_an_endless_run(tmp_path: Path) -> None:
    recipe = toy.write_recipe(tmp_path)
    recipe.write_text(recipe.read_text("utf-8").replace("max_tokens = 80", "max_tokens = 1"), "utf-8")
    with pytest.raises(ValueError, match="no pair"):
        train(prepared(tmp_path, recipe), recipe)
