"""Checkpoints of every family, pulled from a hub with everything that a pull does, and served without it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.installed import open_model
from tests.hub_server import Hub, serving
from tests.pulling import ROOT, WEIGHTS, Commands

pytest.importorskip("torch", reason="converting needs torch")
pytest.importorskip("transformers", reason="converting needs transformers")

from tests.checkpoints import Layout, write_checkpoint

TAUGHT = Layout.MADLAD  # the quickest to learn enough for its smoke test
_STEPS = 100
# Opens a model and answers, in a process where every way out is shut.
_OFFLINE = """
import socket, sys
def refuse(*_): raise AssertionError("a way out was tried")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from pathlib import Path
from models.engines.contract import EngineOptions
from models.engines.loading import open_summariser, open_translator
from models.installed import open_model
model = open_model(Path(sys.argv[1]))
options = EngineOptions(engine=sys.argv[2])
texts = ["قال الوزير اليوم", "كتاب جديدة"]
if model.step == "summary":
    open_summariser(model, options).summarise(texts, 5, print)
else:
    [print(repr(it.text)) for it in open_translator(model, options).translate(texts, lambda *_: None)]
"""


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("checkpoints")
    return {
        layout.value: write_checkpoint(layout, folder / layout, steps=_STEPS if layout is TAUGHT else 0)
        for layout in Layout
    }


@pytest.fixture
def hub(checkpoints: dict[str, Path]) -> Iterator[Hub]:
    with serving(**checkpoints) as served:
        yield served


@pytest.fixture
def commands(hub: Hub, tmp_path: Path) -> Commands:
    return Commands(tmp_path, hub)


def answer_offline(model: Path, engine: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE, str(model), engine],
        cwd=ROOT,
        env={**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("layout", "engine"),
    [
        *((layout, "ctranslate2") for layout in Layout),
        (Layout.NLLB, "transformers"),
        (Layout.ARABART, "transformers"),
    ],
)
def test_every_family_is_pulled_and_answers_without_a_network(
    commands: Commands, tmp_path: Path, layout: Layout, engine: str
) -> None:
    step = "summary" if layout in {Layout.ARABART, Layout.MT5} else "translation"
    words = ["--no-smoke", "--engine", engine]
    if layout is Layout.MARIAN_MANY:
        catalog = tmp_path / "ours.toml"
        catalog.write_text('[many]\nhub_id = "toy/marian-many"\ntarget_token = ">>eng<<"\n')
        commands.pull("many", *words, KHULASA_CATALOG=str(catalog))
        folder = commands.models_dir / "many"
    else:
        commands.pull(f"toy/{layout.value}", "--step", step, *words)
        folder = commands.models_dir / layout.value
    model = open_model(folder)
    assert (model.family, model.step) == (layout.family, step)
    answer_offline(folder, engine)


def test_a_model_that_learnt_something_passes_its_smoke_test(commands: Commands, tmp_path: Path) -> None:
    catalog = tmp_path / "ours.toml"
    catalog.write_text(
        f'[{TAUGHT}]\nhub_id = "toy/{TAUGHT}"\nfamily = "t5"\nsource_prefix = "<2en> "\n'
        'target_language = "toy"\n'  # its words are English, but it has no articles
    )
    commands.pull(TAUGHT.value, KHULASA_CATALOG=str(catalog))
    folder = commands.models_dir / TAUGHT
    assert json.loads((folder / "manifest.json").read_text())["smoke_tested"] is True
    assert len(answer_offline(folder, "ctranslate2").splitlines()) == 2
    done = commands.run("verify", TAUGHT.value)
    assert (done.returncode, done.stdout) == (0, f"{TAUGHT}: whole, and it answers\n")


def test_a_model_that_talks_nonsense_is_not_installed(commands: Commands, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    commands.pull("toy/nllb", "--name", "ours", "--no-smoke")
    before = commands.installed()
    checkpoint = write_checkpoint(Layout.NLLB, tmp_path / "empty")
    weights = load_file(checkpoint / WEIGHTS)
    empty = {name: weight * 0 for name, weight in weights.items()}
    save_file(empty, checkpoint / WEIGHTS, metadata={"format": "pt"})
    assert commands.complaint("pull", str(checkpoint), "--name", "ours", "--replace").startswith(
        "ours fails its smoke test: "
    )
    assert commands.installed() == before


def test_weights_that_do_not_fit_their_config_are_one_sentence(
    commands: Commands, hub: Hub, tmp_path: Path
) -> None:
    checkpoint = write_checkpoint(Layout.NLLB, tmp_path / "cut")
    config = json.loads((checkpoint / "config.json").read_text())
    (checkpoint / "config.json").write_text(json.dumps(config | {"d_model": 32}))
    assert commands.complaint("pull", str(checkpoint)).startswith("the checkpoint cannot be converted: ")
    assert commands.installed() == {}
