"""The `khulasa` command: which program does what, and what it is told of the settings."""

import pytest

from client.__main__ import command_of


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["models", "list"], ["-m", "models.hub", "list"]),
        (["eval", "translation", "--help"], ["-m", "models.evaluation", "--help"]),
        (["eval", "summary", "--easc", "F"], ["-m", "models.evaluation.summary", "--easc", "F"]),
        (["eval"], None),
        (["model"], None),
    ],
)
def test_each_command_has_its_program(words: list[str], command: list[str] | None) -> None:
    assert command_of(words, {}) == command


def test_settings_become_options_of_the_models_program() -> None:
    settings = {"KHULASA_MODELS_DIR": "/models", "KHULASA_DEVICE": "cuda", "KHULASA_ENGINE": ""}
    given = ["-m", "models.hub", "--models-dir", "/models", "--device", "cuda", "pull", "x"]
    assert command_of(["models", "pull", "x"], settings) == given
    assert command_of(["eval", "translation"], settings) == ["-m", "models.evaluation"]
