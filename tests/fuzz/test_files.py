"""Damaged and hostile files: read, or refused with a reason, within their limits and without a quotation."""

import time

import pytest

from api.files import FileLimits, read_upload
from api.files.errors import FILE_ERRORS
from jobs.errors import ArticleTooLong, KhulasaError, UnsupportedBody
from tests.fuzz.conftest import Fuzz
from tests.fuzz.damage import damaged
from tests.fuzz.samples import DOCX, HOSTILE, SENTENCE, SOUND

LIMITS = FileLimits(cpu_seconds=4, wall_seconds=8)
SLACK_SECONDS = 4.0
TYPES = (
    "",
    "text/plain",
    "text/html",
    DOCX,
    "application/pdf",
    "text/html; charset=utf-7",
    "x/y",
    "\ud800;=;",
)


def read_or_refused(data: bytes, media_type: str, name: str) -> None:
    started = time.monotonic()
    try:
        found = read_upload(data, media_type, name, LIMITS)
    except KhulasaError as error:
        refusal: KhulasaError | None = error
    else:
        refusal = None
        assert len(found.text) <= LIMITS.max_chars
        found.text.encode("utf-8")
        (found.title or "").encode("utf-8")
    assert time.monotonic() - started < LIMITS.wall_seconds + SLACK_SECONDS
    if refusal:
        assert type(refusal) in (*FILE_ERRORS, ArticleTooLong, UnsupportedBody)
        assert refusal.status < 500
        assert not {*SENTENCE.split()} & {*refusal.detail.split()}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_or_refused_within_its_limits(name: str) -> None:
    read_or_refused(HOSTILE[name](), "", name)


def test_a_damaged_file_is_read_or_refused_within_its_limits(fuzz: Fuzz) -> None:
    sound = {name: (make(), media_type) for name, (make, media_type) in SOUND.items()}
    for chance in fuzz.rounds():
        name = chance.choice(list(sound))
        data, media_type = sound[name]
        lies = chance.random() < 0.2
        read_or_refused(damaged(data, chance), chance.choice(TYPES) if lies else media_type, name)
