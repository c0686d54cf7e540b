"""Pulling, listing, verifying and removing as commands: what is put in place, and what is said of it."""

import hashlib
import json
from pathlib import Path

from models.installed import open_model
from tests.hub_server import Repository
from tests.pulling import AS_THEY_ARE, WEIGHTS, Commands


def test_a_pulled_model_says_where_it_is_from_and_what_its_files_are(
    commands: Commands, repository: Repository
) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    model = open_model(commands.models_dir / "marian")
    assert (model.hub_id, model.revision) == ("toy/marian", repository.commit)
    assert (model.family, model.licence) == ("marian", "mit")
    original = hashlib.sha256((repository.folder / WEIGHTS).read_bytes()).hexdigest()
    assert model.sha256[f"checkpoint/{WEIGHTS}"] == original
    manifest = json.loads((model.path / "manifest.json").read_text())
    assert manifest["smoke_tested"] is False


def test_a_folder_is_pulled_without_a_hub(commands: Commands, repository: Repository) -> None:
    commands.pull(str(repository.folder), "--name", "ours", *AS_THEY_ARE)
    assert open_model(commands.models_dir / "ours").hub_id is None
    assert commands.hub.requests == []


def test_a_catalog_of_ones_own_says_what_the_files_do_not(commands: Commands, tmp_path: Path) -> None:
    catalog = tmp_path / "ours.toml"
    catalog.write_text(
        '[ours]\nhub_id = "toy/marian"\nlicence = "CC-BY-NC-4.0"\nnon_commercial = true\nquality = 50\n'
    )
    done = commands.run("pull", "ours", *AS_THEY_ARE, KHULASA_CATALOG=str(catalog))
    assert "ours: licence CC-BY-NC-4.0: not for commercial use" in done.stderr.splitlines()
    model = open_model(commands.models_dir / "ours")
    assert (model.non_commercial, model.quality) == (True, 50)
    listed = commands.run("list").stdout
    assert "default: of the best quality among those installed" in listed
    assert "CC-BY-NC-4.0 (not for commercial use)" in listed


def test_only_the_weights_that_are_needed_are_fetched(commands: Commands, repository: Repository) -> None:
    for name in ("pytorch_model.bin", "rust_model.ot", "tf_model.h5", "README.md"):
        (repository.folder / name).write_bytes(b"much")
    commands.pull("toy/marian", *AS_THEY_ARE)
    fetched = {Path(path).name for method, path, _ in commands.hub.requests if "/resolve/" in path}
    assert fetched == {
        "config.json",
        "tokenizer_config.json",
        "vocab.json",
        "source.spm",
        "target.spm",
        WEIGHTS,
    }


def test_verify_says_which_file_is_wrong(commands: Commands) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    weights = commands.models_dir / "marian" / "checkpoint" / WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert f"{WEIGHTS} is not the file that was put there" in commands.complaint("verify", "marian")
    (weights.parent / "more.json").write_text("{}")
    listed = commands.run("verify", "marian").stderr
    assert "more.json is not in the manifest" in listed
    (weights.parent / "more.json").unlink()
    weights.unlink()
    assert "is missing" in commands.complaint("verify", "marian")


def test_the_bundled_model_is_verified_too(commands: Commands) -> None:
    done = commands.run("verify")
    assert (done.returncode, done.stdout) == (0, "khulasa-ar-en-draft: whole, and it answers\n")


def test_what_is_removed_is_gone(commands: Commands) -> None:
    commands.pull("toy/marian", *AS_THEY_ARE)
    assert commands.run("remove", "marian").returncode == 0
    assert commands.installed() == {}
    assert [path.name for path in (commands.models_dir / ".store").iterdir()] == ["lock"]
    assert "marian is not in" in commands.complaint("remove", "marian")
    assert "stays" in commands.complaint("remove", "khulasa-ar-en-draft")


def test_the_list_says_what_runs_and_why(commands: Commands) -> None:
    lines = commands.run("list").stdout.splitlines()
    bundled = next(line for line in lines if line.startswith("khulasa-ar-en-draft"))
    assert "default: bundled, and no other is installed" in bundled
    commands.pull("toy/marian", *AS_THEY_ARE)
    lines = commands.run("list", KHULASA_TRANSLATION_MODEL="khulasa-ar-en-draft").stdout.splitlines()
    bundled = next(line for line in lines if line.startswith("khulasa-ar-en-draft"))
    assert "default: KHULASA_TRANSLATION_MODEL names it" in bundled
    (commands.models_dir / "marian" / "checkpoint" / WEIGHTS).unlink()
    assert any(
        line.startswith("marian") and "broken" in line for line in commands.run("list").stdout.splitlines()
    )


def test_a_commit_brings_its_licence_too(commands: Commands, repository: Repository) -> None:
    commands.pull("toy/marian", "--revision", repository.commit, *AS_THEY_ARE)
    assert open_model(commands.models_dir / "marian").licence == "mit"


def test_a_licence_that_nobody_states_is_said_to_be_unknown(
    commands: Commands, repository: Repository
) -> None:
    commands.pull(str(repository.folder), "--name", "ours", *AS_THEY_ARE)
    [line] = [line for line in commands.run("list").stdout.splitlines() if line.startswith("ours")]
    assert line.endswith("licence not stated")
