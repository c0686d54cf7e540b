"""Damage: a file with some of its bytes flipped, cut, doubled, moved or made to lie."""

import random
import re

_NUMBER = re.compile(rb"\d+")
_NUMBERS = (b"0", b"-1", b"4294967296", b"99999999999999999999", b"1e400", b"NaN")
_SPLICES = (
    *(b"\x00", b"\xff\xfe", b"\xd8", b"\xe2\x80\xae", b"\xed\xa0\x80"),
    *(b"<!DOCTYPE x>", b"<![CDATA[", b"&#xD800;", b"&#0;", b"<b>" * 5_000),
    *(b">>", b"<<", b"endobj", b"1 0 R", b"%%EOF", b"PK\x01\x02", b"PK\x05\x06"),
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        data = chance.choice(_WAYS)(data, chance)
    return data


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(min(len(data), chance.choice((1, 4, 50)))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(data: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.randint(0, len(data)) for _ in range(2))
    return chance.choice((data[:last], data[first:], data[:first] + data[last:]))


def _doubled(data: bytes, chance: random.Random) -> bytes:
    first, last = sorted(chance.randint(0, len(data)) for _ in range(2))
    return (data[:last] + data[first:last] * chance.choice((1, 2, 30)) + data[last:])[:2_000_000]


def _spliced(data: bytes, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(_SPLICES) + data[place:]


def _lying(data: bytes, chance: random.Random) -> bytes:
    """Another figure in place of one: a length, an offset, an object's number."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    number = chance.choice(found)
    told = chance.choice((*_NUMBERS, chance.choice(found)[0]))
    return data[: number.start()] + told + data[number.end() :]


_WAYS = (_flipped, _cut, _doubled, _spliced, _lying, _lying)
