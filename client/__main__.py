"""The `khulasa` command: it hands each command to the program that does it."""

import os
import sys
from collections.abc import Mapping

_PROGRAMS = {
    ("models",): "models.hub",
    ("keys",): "jobs.keys_command",
    ("dead",): "jobs.dead.command",
    ("webhooks", "listen"): "client.listen",
    ("eval", "translation"): "models.evaluation",
    ("eval", "flags"): "models.evaluation.flags",
    ("eval", "summary"): "models.evaluation.summary",
}
# What a setting of the service is called on the command line of `models.hub`.
_SETTINGS = {
    "KHULASA_MODELS_DIR": "--models-dir",
    "KHULASA_CATALOG": "--catalog",
    "KHULASA_ENGINE": "--engine",
    "KHULASA_DEVICE": "--device",
    "KHULASA_TRANSLATION_MODEL": "--translation-model",
    "KHULASA_SUMMARY_MODEL": "--summary-model",
}
_HELP = """\
usage: khulasa COMMAND …

  models list            what is installed, what runs by default and why, what can be pulled
  models pull NAME       download a model, convert it, try it out, put it in place
  models verify [NAME]   are the files what was put there, and does the model answer
  models remove NAME     take a model off the disk
  keys create NAME       make an API key and show it, once; the first one closes the service to others
  keys list              the keys and their state
  keys revoke NAME       lock a key out
  keys disable           ask for no key any more
  dead list              jobs of which a step was given up, for the operator to work through
  dead show ID           its steps, attempts, problems and times
  dead retry ID          submit its article anew, as a job of its own
  dead drop ID           take it off the list
  webhooks listen        receive webhooks on this machine, check their signatures, show them
  eval translation …     score models on reference translations
  eval flags …           how often the flags are raised for nothing, and what damage they tell
  eval summary …         score the summariser beside people's summaries

`khulasa COMMAND --help` says more of each.
"""


def main() -> None:
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(_HELP, end="")
        return
    command = command_of(arguments, os.environ)
    if command is None:
        sys.exit(f"khulasa: there is no command {arguments[0]!r}; khulasa --help lists them")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *command])  # noqa: S606  # a program of this repository


def command_of(arguments: list[str], environment: Mapping[str, str]) -> list[str] | None:
    """Python's arguments; None where no program does it."""
    for words, module in _PROGRAMS.items():
        if tuple(arguments[: len(words)]) == words:
            return ["-m", module, *_settings(module, environment), *arguments[len(words) :]]
    return None


def _settings(module: str, environment: Mapping[str, str]) -> list[str]:
    if module != "models.hub":
        return []
    given = {option: environment.get(variable) for variable, option in _SETTINGS.items()}
    return [word for option, value in given.items() if value for word in (option, value)]


if __name__ == "__main__":
    main()
