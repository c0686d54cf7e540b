"""The `khulasa` command in a process of its own, as an operator runs it."""

import subprocess
import sys
from pathlib import Path

from jobs.settings import Settings

_ROOT = Path(__file__).parents[1]


class Command:
    def __init__(self, word: str, settings: Settings, folder: Path) -> None:
        self._word = word
        self._environment = {**settings.as_environment(), "PYTHONPATH": str(_ROOT)}
        self._folder = folder

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "client", self._word, *arguments]
        return subprocess.run(
            command, env=self._environment, cwd=self._folder, capture_output=True, text=True, check=False
        )
