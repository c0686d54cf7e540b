"""The abstractive summary with real weights (tiny, random) and over HTTP."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.step import Context
from models.steps.summary import Summary, SummaryOptions, SummaryResult
from tests.conftest import StartStack
from tests.jobs_over_http import finish, submit

WINDOW, WIDTH = 48, 16
EXTRACTIVE = "khulasa-extractive-1"


@pytest.fixture(scope="session")
def writer(tmp_path_factory: pytest.TempPathFactory, seed_texts: list[str]) -> Path:
    """A models folder that holds one model of AraBART's shape, which writes nonsense."""
    import sentencepiece

    folder = tmp_path_factory.mktemp("models") / "nonsense"
    folder.mkdir()
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter("\n".join(seed_texts).split("\n")),
        model_writer=trained,
        vocab_size=400,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "sentencepiece.bpe.model").write_bytes(trained.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
    own = [pieces.id_to_piece(index) for index in range(3, len(pieces))]
    write_weights(folder, ["<s>", "<pad>", "</s>", "<unk>", *own])
    facts = {"step": "summary", "family": "mbart", "target_language": "ar", "max_source_tokens": WINDOW}
    (folder / "manifest.json").write_text(json.dumps({"name": "nonsense", "beam_size": 1} | facts))
    return folder.parent


def write_weights(folder: Path, vocabulary: list[str]) -> None:
    import ctranslate2

    spec = ctranslate2.specs.TransformerSpec.from_config(
        1, 2, pre_norm=False, activation=ctranslate2.specs.Activation.GELU, layernorm_embedding=True
    )
    random = np.random.default_rng(1)

    def fill(part: Any, **shapes: tuple[int, ...]) -> None:
        for name, shape in shapes.items():
            setattr(part, name, random.normal(0, 0.3, shape).astype(np.float32))

    def fill_norm(part: Any) -> None:
        part.gamma, part.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def fill_attention(part: Any, *rows: int) -> None:
        fill_norm(part.layer_norm)
        for linear, count in zip(part.linear, rows, strict=True):
            fill(linear, weight=(count * WIDTH, WIDTH), bias=(count * WIDTH,))

    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if side is spec.encoder else side.embeddings
        fill(embeddings, weight=(len(vocabulary), WIDTH))
        fill(side.position_encodings, encodings=(2 * WINDOW, WIDTH))
        fill_norm(side.layernorm_embedding)
        [layer] = side.layer
        fill_attention(layer.self_attention, 3, 1)
        if side is spec.decoder:
            fill_attention(layer.attention, 1, 2, 1)
        fill_norm(layer.ffn.layer_norm)
        fill(layer.ffn.linear_0, weight=(4 * WIDTH, WIDTH), bias=(4 * WIDTH,))
        fill(layer.ffn.linear_1, weight=(WIDTH, 4 * WIDTH), bias=(WIDTH,))
    fill(spec.decoder.projection, weight=(len(vocabulary), WIDTH), bias=(len(vocabulary),))
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.decoder_start_token = vocabulary[2]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def run(
    models_dir: Path, text: str, heard: list[tuple[int, int]] | None = None, **options: Any
) -> SummaryResult:
    engines = Engines(EngineOptions(models_dir=models_dir))
    told = [] if heard is None else heard
    context = Context(
        engines=engines,
        results={},
        progress=lambda done, total: told.append((done, total)),
        show=lambda _done, _total, _part: None,
    )
    return Summary().run(Article(text), SummaryOptions(**options), context)[0]


def test_real_weights_read_forty_thousand_characters_whole(writer: Path, seed_texts: list[str]) -> None:
    text = ("\n".join(seed_texts) * 20)[:40_000]
    heard: list[tuple[int, int]] = []
    result = run(writer, text, heard, method="abstractive")
    total = len(Article(text).segments)
    assert (result.method, result.model) == ("abstractive", "nonsense")
    assert result.text
    assert 1 <= len(result.sentences) <= 3
    assert result.receipt.segments_read == result.receipt.segments_in == total
    assert result.receipt.parts > 40_000 / 8 / WINDOW
    assert heard == sorted(heard)
    assert heard[-1] == (total, total)


def test_nonsense_is_flagged_and_does_not_get_past_auto(writer: Path, seed_texts: list[str]) -> None:
    nonsense = run(writer, seed_texts[0], method="abstractive")
    assert nonsense.flags
    assert run(writer, seed_texts[0], method="abstractive") == nonsense
    safe = run(writer, seed_texts[0])
    assert (safe.method, safe.model, safe.flags) == ("extractive", EXTRACTIVE, [*nonsense.flags, "fell-back"])


def test_a_stack_with_a_summary_model_serves_it(
    start_stack: StartStack, writer: Path, seed_texts: list[str]
) -> None:
    stack = start_stack(models_dir=writer)
    results = {}
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        for method in ("auto", "abstractive", "extractive"):
            job = submit(
                api, seed_texts[0], steps=["summary"], options={"summary": {"method": method, "words": 30}}
            )
            done = finish(api, job["id"])
            assert done["status"] == "succeeded", done["problem"]
            results[method] = done["results"]["summary"]
        listed = [it for it in api.get("/v1/models").json()["models"] if it["step"] == "summary"]
    assert [(it["name"], it["default"]) for it in listed] == [("nonsense", True), (EXTRACTIVE, False)]
    assert results["abstractive"]["model"] == "nonsense"
    assert results["abstractive"]["receipt"]["parts"] > 1
    assert results["auto"]["flags"] == [*results["abstractive"]["flags"], "fell-back"]
    assert results["auto"]["text"] == results["extractive"]["text"]
    assert results["extractive"]["flags"] == []


@pytest.mark.parametrize("options", [{}, {"method": "auto"}, {"method": "extractive"}, {"model": EXTRACTIVE}])
def test_without_a_model_the_summary_is_extractive(
    api: httpx.Client, seed_texts: list[str], options: dict[str, str]
) -> None:
    job = submit(api, seed_texts[0], steps=["summary"], options={"summary": options})
    summary = finish(api, job["id"])["results"]["summary"]
    assert (summary["method"], summary["model"], summary["flags"]) == ("extractive", EXTRACTIVE, [])
    segments = job["article"]["segments"]
    assert summary["receipt"] == {
        "segments_in": segments,
        "segments_read": segments,
        "parts": 1,
        "truncated": 0,
    }


@pytest.mark.parametrize(
    ("options", "code", "pointer"),
    [
        ({"method": "abstractive"}, "unknown-model", "/options/summary/method"),
        ({"model": "missing"}, "unknown-model", "/options/summary/model"),
        ({"method": "extractive", "model": "missing"}, "invalid-submission", "/options/summary/model"),
        ({"method": "best"}, "invalid-submission", "/options/summary/method"),
        ({"words": 50, "sentences": 2}, "invalid-submission", "/options/summary"),
    ],
)
def test_what_cannot_be_met_is_422(
    api: httpx.Client, seed_texts: list[str], options: dict[str, Any], code: str, pointer: str
) -> None:
    body = {"article": {"text": seed_texts[0]}, "steps": ["summary"], "options": {"summary": options}}
    response = api.post("/v1/jobs", json=body)
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert response.json()["errors"][0]["pointer"] == pointer
