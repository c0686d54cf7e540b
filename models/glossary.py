"""The glossary: Arabic terms and the English that must stand for them, as clients give and jobs keep it."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from models.step import StepModel
from models.text.arabic import count_arabic_letters
from models.text.glossary import Key, Matcher, term_key

MOST_TERMS = 5_000
MOST_INLINE = 100
LONGEST_SIDE = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def _choice(value: object) -> object:
    if value is None or (isinstance(value, str) and NAME.fullmatch(value)):
        return value
    if not isinstance(value, dict) or not all(isinstance(it, str) for pair in value.items() for it in pair):
        raise PydanticCustomError("glossary", "must be the name of a glossary, an object of terms, or null")
    if len(value) > MOST_INLINE:
        raise PydanticCustomError("glossary", f"has over {MOST_INLINE} terms; store it under a name")
    if wrong := faults(value.items()):
        index, side, fault = wrong[0]
        raise PydanticCustomError(
            "glossary", f"term {index}, {'Arabic' if side == 'ar' else 'English'}: {fault}"
        )
    return value


# A plain validator, so that a mistake is told of the field and not of each type that it may have.
GlossaryChoice = Annotated[
    str | dict[str, str] | None,
    PlainValidator(_choice),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{NAME.pattern}$"},
                {
                    "type": "object",
                    "maxProperties": MOST_INLINE,
                    "additionalProperties": {"type": "string", "maxLength": LONGEST_SIDE},
                },
                {"type": "null"},
            ],
        }
    ),
]


class Term(StepModel):
    ar: str
    en: str = Field(description="Empty: the Arabic is kept.")

    @property
    def target(self) -> str:
        """What must stand in the English."""
        return self.en or self.ar


class Glossary(StepModel):
    """What a job keeps of a glossary: the terms that its article has, as they were when it was submitted."""

    name: str | None = None  # None: the terms came with the submission
    revision: int | None = None
    terms: list[Term]


class TermReport(Term):
    found: int = Field(description="How often the article has it.")
    applied: int = Field(description="How many of these stand in the English.")
    problems: list[str] = Field(description="Where it does not stand, and why.")


class GlossaryReport(StepModel):
    name: str | None
    revision: int | None
    terms: list[TermReport]


def empty_report(glossary: Glossary) -> GlossaryReport:
    terms = [TermReport(ar=term.ar, en=term.en, found=0, applied=0, problems=[]) for term in glossary.terms]
    return GlossaryReport(name=glossary.name, revision=glossary.revision, terms=terms)


def faults(terms: Iterable[tuple[str, str]]) -> list[tuple[int, str, str]]:
    """What is wrong with the terms: (index, `ar` or `en`, what); empty where they are a glossary."""
    seen: dict[Key, int] = {}
    found: list[tuple[int, str, str]] = []
    for index, (arabic, english) in enumerate(terms):
        if fault := _fault(arabic) or ("has no Arabic letter" if not count_arabic_letters(arabic) else None):
            found.append((index, "ar", fault))
        elif (first := seen.setdefault(term_key(arabic), index)) != index:
            found.append((index, "ar", f"is the same term as entry {first}"))
        if fault := _fault(english):
            found.append((index, "en", fault))
    return found


def _fault(side: str) -> str | None:
    if len(side) > LONGEST_SIDE:
        return f"is over {LONGEST_SIDE} characters"
    if _CONTROL.search(side):
        return "must be one line without control characters"
    if any("\ud800" <= char <= "\udfff" for char in side):
        return "is not Unicode text"
    return None


class Terms:
    """All terms of a glossary, ready to be looked for."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._terms = [Term(ar=arabic, en=english) for arabic, english in pairs]
        self._matcher = Matcher([term.ar for term in self._terms])

    def occurring(self, text: str) -> list[Term]:
        """Those that stand in the text, in their own order."""
        places = {match.term for match in self._matcher.find(text)}
        return [self._terms[place] for place in sorted(places)]
