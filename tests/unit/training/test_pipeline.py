"""The whole pipeline on a toy corpus, from pairs to int8 weights that translate."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs requirements-train.txt")
pytest.importorskip("sacrebleu", reason="training needs requirements-train.txt")

from models.engines.contract import EngineOptions
from models.evaluation import served
from models.training import vocabulary
from models.training.__main__ import main
from tests.unit.training import toy


def _train(run: Path, recipe: Path, *more: str) -> list[dict[str, Any]]:
    validation = [str(run.parent / "dev.ar"), str(run.parent / "dev.en")]
    arguments = ["--run", str(run), "--recipe", str(recipe), "--validation", *validation]
    assert main(["train", *arguments, "--device", "cpu", "--threads", "2", *more]) == 0
    return [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]


def _prepared(directory: Path, recipe: Path) -> Path:
    """A run directory with pairs and vocabularies; every twelfth sentence is kept for validation."""
    corpus, run = toy.write_corpus(directory), directory / "run"
    held_out, _ = toy.write_development(directory)
    options = ["--run", str(run)]
    assert main(["prepare", *options, str(corpus), "--held-out", str(held_out)]) == 0
    assert main(["vocabulary", *options, "--recipe", str(recipe)]) == 0
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with `run` (trained) and `exported` (int8)."""
    directory = tmp_path_factory.mktemp("pipeline")
    recipe = toy.write_recipe(directory)
    run = _prepared(directory, recipe)
    _train(run, recipe)
    exported = ["--run", str(run), "--recipe", str(recipe), "--into", str(directory / "exported")]
    assert main(["average", "--run", str(run)]) == 0
    assert main(["export", *exported, "--licence", "CC0-1.0", "--max-source-tokens", "40"]) == 0
    development = [str(directory / "dev.ar"), str(directory / "dev.en")]
    scored = ["--set", "toy-dev", *development, "--into", str(directory / "exported")]
    assert main(["score", "--run", str(run), *scored]) == 0
    return directory


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_the_toy_model_translates_sentences_that_it_was_not_trained_on(made: Path) -> None:
    translations = served.translate(made / "exported", _lines(made / "dev.ar"))
    right = [a == b for a, b in zip(translations, _lines(made / "dev.en"), strict=True)]
    assert sum(right) >= 0.75 * len(right)


def test_the_manifest_tells_what_the_weights_are(made: Path) -> None:
    manifest = json.loads((made / "exported" / "manifest.json").read_text("utf-8"))
    assert manifest["family"] == "marian"
    assert (manifest["source_language"], manifest["target_language"]) == ("ar", "en")
    assert manifest["trained_on"] == [{"corpus": "toy", "pairs": 88}]
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
    lines = _lines(made / "dev.ar")
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
    line = _lines(made / "dev.ar")[0]
    ours = [*vocabulary.load(made / "run", "source").encode(line), vocabulary.EOS]
    assert tokenizer(line)["input_ids"] == ours


def test_a_resumed_run_is_the_run_that_was_not_cut(tmp_path: Path) -> None:
    changes: dict[str, object] = {"decay": "inverse-sqrt", "alignment": 0.0}
    ends = []
    for name, cuts in (("whole", [24]), ("cut", [12, 24])):
        directory = tmp_path / name
        directory.mkdir()
        run = _prepared(directory, toy.write_recipe(directory, **changes))
        for max_steps in cuts:
            # A snapshot at the cut; stages end by share, so one stage serves both lengths.
            recipe = toy.write_recipe(directory, max_steps=max_steps, **changes)
            text = recipe.read_text("utf-8").replace("until = 0.5", "until = 0.0")
            recipe.write_text(text, "utf-8")
            log = _train(run, recipe)
        ends.append((log[-1]["step"], log[-1]["dev_chrf"], log[-1]["target_tokens"]))
        ends.append(_weights(run))
    assert ends[0] == ends[2]
    assert ends[1] == pytest.approx(ends[3], abs=1e-5)


def _weights(run: Path) -> list[float]:
    import torch

    state = torch.load(run / "resume.pt", weights_only=True)["model"]
    return [float(value.double().norm()) for value in state.values()]


def test_training_stops_when_the_validation_score_no_longer_rises(tmp_path: Path) -> None:
    recipe = toy.write_recipe(tmp_path, max_steps=5000, snapshot_minutes=0.0)
    recipe.write_text("patience = 1\n" + recipe.read_text("utf-8"), "utf-8")
    log = _train(_prepared(tmp_path, recipe), recipe)
    assert log[-1]["step"] < 5000


def test_a_stage_that_no_pair_fits_is_an_error_and_not_an_endless_run(tmp_path: Path) -> None:
    recipe = toy.write_recipe(tmp_path)
    recipe.write_text(recipe.read_text("utf-8").replace("max_tokens = 80", "max_tokens = 1"), "utf-8")
    with pytest.raises(ValueError, match="no pair"):
        _train(_prepared(tmp_path, recipe), recipe)
