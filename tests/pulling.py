"""Pulling as tests see it: `khulasa models …` with folders of its own, and a checkpoint of no weight."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.installed import BUNDLED_TRANSLATION
from tests.hub_server import Hub, Repository

ROOT = Path(__file__).parents[1]
WEIGHTS = "model.safetensors"
# Weights as they are, not loaded: what is tested so is how they get to their place.
AS_THEY_ARE = ("--engine", "transformers", "--no-smoke")


class Commands:
    """`khulasa models …` with a models folder and a cache of the test's own."""

    def __init__(self, folder: Path, hub: Hub) -> None:
        self.models_dir = folder / "models"
        self.cache = folder / "cache"
        self.hub = hub

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "HF_ENDPOINT": self.hub.url,
            "HF_HOME": str(self.cache),
            "KHULASA_MODELS_DIR": str(self.models_dir),
            **variables,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "client", "models", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        with self.start(*words, **variables) as process:
            out, err = process.communicate(timeout=200)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def pull(self, *words: str, **variables: str) -> None:
        done = self.run("pull", *words, **variables)
        assert done.returncode == 0, done.stderr

    def complaint(self, *words: str, **variables: str) -> str:
        """The one line with which the command fails."""
        done = self.run(*words, **variables)
        assert done.returncode == 1, done.stdout + done.stderr
        [line] = [line for line in done.stderr.splitlines() if line.startswith("khulasa: ")]
        assert line == done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
        return line.removeprefix("khulasa: ")

    def installed(self) -> dict[str, str]:
        """Every installed file, with its SHA-256."""
        return {
            path.relative_to(self.models_dir).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for link in sorted(self.models_dir.iterdir())
            if link.name != ".store"
            for path in sorted(link.rglob("*"))
            if path.is_file()
        }


def a_checkpoint(folder: Path, *, floats: int = 50_000) -> Path:
    """A Marian checkpoint with every file, and in it next to nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": "marian", "architectures": ["MarianMTModel"], "max_position_embeddings": 512}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text("{}")
    (folder / "vocab.json").write_text('{"</s>": 0, "<unk>": 1}')
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(BUNDLED_TRANSLATION / name, folder / name)
    from safetensors.numpy import save_file

    save_file({"weight": np.arange(floats, dtype=np.float32)}, folder / WEIGHTS)
    return folder


def changed(repository: Repository) -> None:
    """The hub has a new commit, so that nothing of it is in the cache."""
    repository.commit = "beef" + "0" * 36
    a_checkpoint(repository.folder, floats=60_000)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
