"""Question and exclamation marks compared."""

import re

_QUESTION = re.compile(r"\?+(?![\w=&/])")  # not the ? of a link
_EXCLAMATION = re.compile(r"(?<![?!])!(?![\w=])")  # «؟!» is a question, != is code


def loses_question(source: str, target: str) -> bool:
    return len(_QUESTION.findall(source)) > target.count("?")


def loses_exclamation(source: str, target: str) -> bool:
    return bool(_EXCLAMATION.search(source)) and "!" not in target
