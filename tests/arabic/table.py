"""The table of cases in cases.toml, read."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of cases.toml, which says what the fields mean."""

    id: str
    title: str
    text: str = ""
    longest: int = 600
    segments: list[str] | None = None
    engine: str | None = None
    language: str | None = None
    matches: str | None = None
    differs: str | None = None
    encoding: str | None = None
    hex: str | None = None
    saved: str | None = None
    read: str | None = None
    repeat: int = 1
    count: int | None = None
    summary: list[str] | None = None

    @property
    def article(self) -> str:
        return self.text * self.repeat

    @property
    def file(self) -> bytes:
        return self.text.encode(self.saved) if self.saved else bytes.fromhex(self.hex or "")


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    cases: list[Case]
    note: str = ""


def groups() -> Iterator[Group]:
    with TABLE.open("rb") as file:
        for group in tomllib.load(file)["group"]:
            yield Group(**group | {"cases": [Case(**case) for case in group["cases"]]})


def cases() -> list[Case]:
    return [case for group in groups() for case in group.cases]


def cases_with(expectation: str) -> list[Case]:
    return [case for case in cases() if getattr(case, expectation) is not None]
