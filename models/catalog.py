"""The catalog: the models that are known by name, where they are from and how they are decoded."""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

KNOWN = Path(__file__).parent / "catalog.toml"
NOT_STATED = "not stated"


class Family(StrEnum):
    """Models of one family share their tokenizer's layout and how their weights are converted."""

    MARIAN = "marian"
    NLLB = "nllb"
    M2M100 = "m2m100"
    T5 = "t5"  # also mT5 and MADLAD
    MBART = "mbart"  # also AraBART


class Scores(BaseModel):
    """As sacrebleu gives them, 0 to 100."""

    bleu: float
    chrf: float


class Facts(BaseModel):
    """What is true of a model wherever it lies: its licence, its languages, how it reads and writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    step: Literal["translation", "summary"] = "translation"
    family: Family = Family.MARIAN
    licence: str = NOT_STATED
    non_commercial: bool = False  # known to be; says nothing where no licence is stated
    source_language: str = "ar"
    target_language: str = "en"
    parameters: int | None = Field(None, ge=1)
    memory_mb: int | None = Field(None, ge=1)  # once loaded, at the precision that it has on disk
    max_source_tokens: int = Field(256, ge=8)  # special tokens included; what is longer is split

    # How the source is written: what stands before it, as text or as the language's token.
    source_prefix: str = ""  # T5: "<2en> "
    source_token: str | None = None  # NLLB: "arb_Arab"
    target_token: str | None = None  # NLLB: "eng_Latn"; a multilingual Marian model: ">>eng<<"

    # How it is decoded, as CTranslate2 means the words; none set: the engine's own.
    beam_size: int | None = Field(None, ge=1)
    repetition_penalty: float = Field(1.0, gt=0)
    no_repeat_ngram_size: int = Field(0, ge=0)
    length_penalty: float = 1.0

    # From 0 to 100, to choose a default by: chrF on FLORES-200 devtest, or ROUGE-L on XL-Sum.
    quality: float | None = Field(None, ge=0, le=100)


class Entry(Facts):
    """A model that can be pulled."""

    # One of the two: where on the hub it is, or the folder here, from where the catalog's file lies.
    hub_id: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$")
    directory: Path | None = None
    revision: str = "main"  # a commit, so that a pull is the same tomorrow
    disk_mb: int | None = Field(None, ge=1)  # once converted to int8

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.hub_id is None) == (self.directory is None):
            raise ValueError("give either hub_id or directory")
        return self


def read_catalog(files: Iterable[Path] = ()) -> dict[str, Entry]:
    """The known models by name; an operator's file adds to them, or takes the place of one of its name.

    Raises ValueError that names the file, the entry and the field.
    """
    entries: dict[str, Entry] = {}
    for path in (KNOWN, *files):
        entries |= {entry.name: entry for entry in _entries(path)}
    return entries


def _entries(path: Path) -> Iterable[Entry]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"the catalog {path} cannot be read: {error}") from error
    for name, table in tables.items():
        try:
            entry = Entry.model_validate({"name": name} | table)
            if entry.directory:
                entry = entry.model_copy(update={"directory": path.absolute().parent / entry.directory})
            yield entry
        except ValidationError as error:
            first = error.errors()[0]
            place = ", ".join(
                [f"entry {name}", *([".".join(map(str, first["loc"]))] if first["loc"] else [])]
            )
            raise ValueError(f"the catalog {path}, {place}: {first['msg']}") from error
        except TypeError as error:
            raise ValueError(f"the catalog {path}: {name} is no entry; write [{name}] above it") from error
