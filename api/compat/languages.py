"""The languages of LibreTranslate's routes: which there are, from which into which, and what a text is in."""

from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest

from models.text.language import UNKNOWN, detect

_NAMES = {"ar": "Arabic", "en": "English"}
# As LibreTranslate lists them, each into itself too: such a text comes back as it is.
_TARGETS = {"ar": ["ar", "en"], "en": ["en"]}
AUTO = "auto"


@dataclass(frozen=True)
class Guess:
    language: str
    confidence: float  # 0 to 100

    def as_json(self) -> dict[str, Any]:
        return {"confidence": self.confidence, "language": self.language}


def list_languages() -> list[dict[str, Any]]:
    return [{"code": code, "name": name, "targets": _TARGETS[code]} for code, name in _NAMES.items()]


def guess(text: str) -> Guess:
    """A text that tells nothing is English without confidence, as LibreTranslate has it.

    The confidence is a rule of thumb and no probability: the share of letters in the language's script,
    less the more, the fewer the words.
    """
    found = detect(text)
    letters = sum(map(str.isalpha, text))
    if found.language == UNKNOWN or not letters:
        return Guess("en", 0.0)
    arabic = min(1.0, found.arabic_letters / letters)
    share = arabic if found.arabic_letters * 3 >= letters else 1.0 - arabic
    words = len(text.split())
    return Guess(found.language, round(100.0 * share * words / (words + 1), 1))


def check_target(target: str) -> None:
    if target not in _NAMES:
        raise _unsupported(target)


def check_pair(source: str, target: str) -> None:
    if source not in _NAMES:
        raise _unsupported(source)
    if target not in _TARGETS[source]:
        raise BadRequest(
            f"{_NAMES[target]} ({target}) is not available as a target language "
            f"from {_NAMES[source]} ({source})"
        )


def _unsupported(code: str) -> BadRequest:
    return BadRequest(f"{code} is not supported")
