"""What cannot be pulled: one sentence, and the model that was there stays."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub_server import Repository
from tests.pulling import AS_THEY_ARE, WEIGHTS, Commands, changed


def damage_on_the_way(repository: Repository) -> None:
    content = bytearray((repository.folder / WEIGHTS).read_bytes())
    content[-1] ^= 1
    repository.served[WEIGHTS] = bytes(content)


def damage_at_the_source(repository: Repository) -> None:
    weights = repository.folder / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])


def no_tokenizer(repository: Repository) -> None:
    (repository.folder / "source.spm").unlink()


def no_weights(repository: Repository) -> None:
    (repository.folder / WEIGHTS).unlink()


def no_config(repository: Repository) -> None:
    (repository.folder / "config.json").unlink()


def damaged_config(repository: Repository) -> None:
    (repository.folder / "config.json").write_text('{"model_type": ')


def other_architecture(repository: Repository) -> None:
    config = {"model_type": "bert", "architectures": ["BertForMaskedLM"]}
    (repository.folder / "config.json").write_text(json.dumps(config))


def headless_architecture(repository: Repository) -> None:
    config = {"model_type": "marian", "architectures": ["MarianModel"]}
    (repository.folder / "config.json").write_text(json.dumps(config))


def gated(repository: Repository) -> None:
    repository.gated = True


def damaged_small_file(repository: Repository) -> None:
    content = (repository.folder / "vocab.json").read_bytes()
    repository.served["vocab.json"] = content.replace(b"1", b"2")


def a_shard_too_few(repository: Repository) -> None:
    no_weights(repository)
    index = {"weight_map": {"a": "model-1.safetensors"}}
    (repository.folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))


def enormous(repository: Repository) -> None:
    repository.sizes[WEIGHTS] = 10**15


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (damage_on_the_way, "model.safetensors of toy/marian arrived damaged"),
        (damage_at_the_source, "model.safetensors is damaged: 239980 bytes where its header says 240080"),
        (no_tokenizer, "toy/marian lacks its tokenizer: there is no source.spm"),
        (no_weights, "toy/marian has no weights that torch reads"),
        (no_config, "toy/marian has no config.json"),
        (damaged_config, "config.json is damaged: it is not JSON"),
        (other_architecture, "toy/marian is a model of type bert, which Khulasa does not run"),
        (headless_architecture, "toy/marian is MarianModel, where the marian family needs MarianMTModel"),
        (gated, "toy/marian is gated: accept its licence at http"),
        (a_shard_too_few, "toy/marian lacks model-1.safetensors, which its index names"),
        (enormous, "is too full: 1,000,000,"),
    ],
)
def test_what_cannot_be_pulled_is_one_sentence_and_the_old_model_stays(
    commands: Commands, repository: Repository, harm: Any, sentence: str
) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    before = commands.installed()
    changed(repository)
    harm(repository)
    assert sentence in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    assert commands.installed() == before


def test_a_damaged_file_is_fetched_anew_by_the_next_pull(commands: Commands, repository: Repository) -> None:
    damage_on_the_way(repository)
    commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    repository.served.clear()
    commands.pull("toy/marian", *AS_THEY_ARE)


@pytest.mark.parametrize(
    ("words", "variables", "sentence"),
    [
        (("toy/nothing",), {}, "toy/nothing is not at http"),
        (("toy/marian", "--revision", "v9"), {}, "toy/marian has no revision v9 at http"),
        (("toy/marian",), {"HF_ENDPOINT": "http://127.0.0.1:9"}, "http://127.0.0.1:9 cannot be reached"),
        (("toy/marian",), {"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
        (("toy/marian", "--name", "a/b"), {}, "a/b cannot be a model's name"),
        (("nothing",), {}, "nothing is no known model, hub id or folder"),
        (("toy/marian",), {"KHULASA_CATALOG": "/nowhere.toml"}, "the catalog /nowhere.toml cannot be read"),
        (("toy/marian",), {"KHULASA_MODELS_DIR": "/dev/null/x"}, "/dev/null"),
    ],
)
def test_what_cannot_be_found_is_one_sentence(
    commands: Commands, words: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    assert sentence in commands.complaint("pull", *words, *AS_THEY_ARE, **variables)


def test_a_gated_model_is_pulled_with_a_token(commands: Commands, repository: Repository) -> None:
    repository.gated = True
    commands.pull("toy/marian", *AS_THEY_ARE, HF_TOKEN="hf_any")


def test_a_hub_in_trouble_is_one_sentence(commands: Commands) -> None:
    commands.hub.refusing = 403
    assert "refuses toy/marian (HTTP 403)" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)  # noqa: S607  # as `mount` was found


def test_a_disk_that_fills_up_on_the_way_is_one_sentence(
    commands: Commands, repository: Repository, small_disk: Path
) -> None:
    repository.sizes[WEIGHTS] = 1  # so that it is believed to fit
    commands.models_dir = small_disk / "models"
    assert "is full; make room and pull again" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    assert [path.name for path in (commands.models_dir / ".store").iterdir()] == ["lock"]


def test_a_cache_that_fills_up_on_the_way_is_one_sentence(
    commands: Commands, repository: Repository, small_disk: Path
) -> None:
    repository.sizes[WEIGHTS] = 1
    commands.cache = small_disk
    assert f"the disk that holds {small_disk}/hub is full" in commands.complaint(
        "pull", "toy/marian", *AS_THEY_ARE
    )


def test_without_torch_one_sentence_says_what_to_install(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import sys; sys.modules['torch'] = None")
    complaint = commands.complaint("pull", "toy/marian", PYTHONPATH=str(tmp_path / "site"))
    assert (
        complaint == "pulling a model needs torch, which is not here: pip install -r requirements-convert.txt"
    )
    assert commands.hub.requests == []


def test_a_folder_that_no_pull_made_is_left_alone(commands: Commands) -> None:
    own = commands.models_dir / "marian"
    own.mkdir(parents=True)
    assert "was not put there by a pull" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    assert own.is_dir()


@pytest.mark.parametrize("name", ["vocab.json", WEIGHTS])
def test_an_etag_is_no_path(commands: Commands, repository: Repository, tmp_path: Path, name: str) -> None:
    own = tmp_path / "own"
    own.write_text("mine")
    for place in (own, tmp_path / "new"):
        repository.etags[name] = str(place)
        assert "serves another file under its name" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    assert own.read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_a_damaged_small_file_is_fetched_anew(commands: Commands, repository: Repository) -> None:
    damaged_small_file(repository)
    assert "arrived damaged" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
    repository.served.clear()
    commands.pull("toy/marian", *AS_THEY_ARE)


def test_a_web_site_is_no_hub(commands: Commands) -> None:
    commands.hub.is_a_web_site = True
    assert "is not what a hub answers" in commands.complaint("pull", "toy/marian", *AS_THEY_ARE)
