"""Glossaries as clients send them, and what a submission's choice of one comes to."""

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import StringIO

from pydantic import Field, ValidationError

from api.problems import from_validation
from api.strict import Strict
from jobs.errors import GlossaryNotFound, InvalidGlossary, UnknownGlossary
from jobs.glossaries import GlossaryStore
from models.glossary import LONGEST_SIDE, MOST_TERMS, NAME, Glossary, Terms, faults

COMMA, TAB = "text/csv", "text/tab-separated-values"
_MOST_FAULTS = 20
_KEPT_READY = 8  # glossaries in one API process
_OPTION = "/options/translation/glossary"
Pairs = list[tuple[str, str]]


class TermSubmission(Strict):
    ar: str = Field(description=f"One line, at most {LONGEST_SIDE} characters.")
    en: str = Field("", description="One line; empty: the Arabic is kept.")


class GlossarySubmission(Strict):
    terms: list[TermSubmission] = Field(min_length=1, max_length=MOST_TERMS)


def check_name(name: str) -> None:
    """Raises InvalidGlossary."""
    if not NAME.fullmatch(name):
        fault = (
            "has 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a letter or digit"
        )
        raise InvalidGlossary([("", f"the name {fault}")])


def read_json(body: bytes) -> Pairs:
    """Raises the KhulasaError that tells the client what to mend."""
    try:
        submission = GlossarySubmission.model_validate_json(body)
    except ValidationError as error:
        raise from_validation(error) from None
    return _checked((term.ar, term.en) for term in submission.terms)


def read_table(body: bytes, separator: str) -> Pairs:
    """Two columns, with or without a first row `ar`, `en`; empty rows are no entries."""
    try:
        text = body.decode("utf-8-sig")
        rows = [
            row for row in csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True) if row
        ]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidGlossary([("", "is not a table in UTF-8; check its quotes")]) from None
    if rows and [cell.strip().casefold() for cell in rows[0]] == ["ar", "en"]:
        del rows[0]
    wide = [index for index, row in enumerate(rows) if len(row) > 2]
    if wide:
        raise InvalidGlossary([(f"/terms/{index}", "has over two columns") for index in wide[:_MOST_FAULTS]])
    if not 1 <= len(rows) <= MOST_TERMS:
        raise InvalidGlossary([("/terms", f"must have 1 to {MOST_TERMS} entries")])
    return _checked((row[0], row[1] if len(row) == 2 else "") for row in rows)


def _checked(terms: Iterable[tuple[str, str]]) -> Pairs:
    pairs = [(arabic.strip(), english.strip()) for arabic, english in terms]
    if wrong := faults(pairs):
        raise InvalidGlossary([(f"/terms/{at}/{side}", fault) for at, side, fault in wrong[:_MOST_FAULTS]])
    return pairs


class ChosenGlossaries:
    """What jobs keep of the glossaries that their submissions name or hold."""

    def __init__(self, store: GlossaryStore) -> None:
        self._store = store
        # A batch asks for one glossary a thousand times; a revision never changes.
        self._at_revision = lru_cache(maxsize=_KEPT_READY)(self._read)

    def kept(self, choice: str | Mapping[str, str] | None, text: str, owner: str) -> Glossary | None:
        """The terms that stand in `text`, as they are now; raises UnknownGlossary."""
        if choice is None:
            return None
        if not isinstance(choice, str):
            own = Terms((arabic.strip(), english.strip()) for arabic, english in choice.items())
            return Glossary(terms=own.occurring(text))
        try:
            revision, terms = self._at_revision(owner, choice, self._store.revision(owner, choice))
        except GlossaryNotFound:
            raise UnknownGlossary([(_OPTION, "there is none of this name; GET /v1/glossaries")]) from None
        return Glossary(name=choice, revision=revision, terms=terms.occurring(text))

    def _read(self, owner: str, name: str, _revision: int) -> tuple[int, Terms]:
        stored = self._store.get(owner, name)
        return stored.revision, Terms(stored.terms)
