"""The encoding of a text: UTF-8, UTF-16 with its mark, or an Arabic code page, decided by the bytes."""

import re
from contextlib import suppress
from dataclasses import dataclass

from api.files.errors import UndecodableText

_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_WINDOWS = "windows-1256"
_ISO = "iso-8859-6"
_NAMES_OF_ISO = (_ISO, "iso_8859-6", "arabic")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_ARABIC = re.compile(
    "[\u0621-\u063a\u0641-\u064a\u067e\u0679\u0686\u0688\u0691\u0698\u06a9\u06af\u06ba\u06be\u06c1\u06d2]"
)
# Letters with accents, and what makes Arabic ones of those: «annoncى».
_FOREIGN = re.compile("[\u00c0-\u024f]|(?<=[A-Za-z])[\u0621-\u064a]|[\u0621-\u064a](?=[A-Za-z])")
# Arabic in UTF-8, but for what of it is damaged.
_UTF8_PAIRS = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")
_HIGH = re.compile(rb"[\x80-\xff]")
_JUDGED_BYTES = 131_072  # before and after the first one that is not UTF-8: 10 MB would take ten seconds
_REMEDY = "save it as UTF-8 and send it again"


@dataclass(frozen=True)
class Decoded:
    text: str
    encoding: str


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """A mark decides; then valid UTF-8 is UTF-8; then a code page whose text reads as Arabic.

    `declared` only chooses between code pages that read alike: it is wrong too often for more.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return Decoded(
                _checked(_strictly(data[len(mark) :], encoding)),
                encoding.removesuffix("-le").removesuffix("-be"),
            )
    try:
        return Decoded(_checked(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError as error:
        damage = error.start
    judged = slice(max(0, damage - _JUDGED_BYTES), damage + _JUDGED_BYTES)
    if 2 * len(_UTF8_PAIRS.findall(data[judged])) > len(_HIGH.findall(data[judged])) // 2:
        raise UndecodableText(f"it is UTF-8 damaged at byte {damage}; {_REMEDY}")
    text, encoding = _from_code_page(data, declared, judged)
    arabic, foreign = _letters(text[judged])
    if arabic == 0 or arabic < 3 * foreign:
        raise UndecodableText(
            f"it is neither UTF-8, nor UTF-16 with a mark, nor Arabic in {_WINDOWS} or {_ISO}; {_REMEDY}"
        )
    return Decoded(_checked(text), encoding)


def _from_code_page(data: bytes, declared: str | None, judged: slice) -> tuple[str, str]:
    """The reading with the most Arabic in it; of two alike the declared one, else that of Windows."""
    readings = {_WINDOWS: data.decode("cp1256")}  # in which any byte is a character
    with suppress(UnicodeDecodeError):
        readings[_ISO] = data.decode(_ISO)

    def merit(encoding: str) -> tuple[int, bool]:
        arabic, foreign = _letters(readings[encoding][judged])
        return arabic - foreign, (encoding == _ISO) == ((declared or "").lower() in _NAMES_OF_ISO)

    best = max(readings, key=merit)
    return readings[best], best


def _letters(text: str) -> tuple[int, int]:
    return len(_ARABIC.findall(text)), len(_FOREIGN.findall(text))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableText(f"it is not {encoding} at byte {error.start}; {_REMEDY}") from None


def _checked(text: str) -> str:
    """The text with plain line ends; control characters betray that it is no text, or of another encoding."""
    if _CONTROLS.search(text):
        raise UndecodableText(
            f"it has control characters, so it is no text in an accepted encoding; {_REMEDY}"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")
