"""The zip archive that a docx is, looked through before any parser sees it."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from api.files.errors import BrokenFile, EncryptedFile, FileMismatch, FileTooLarge
from api.files.limits import FileLimits

_PIECE = 65_536
_RATIO_COUNTS_FROM = 1_048_576
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""")
# In all of these a DOCTYPE is spelt in ASCII bytes, so that it cannot hide.
_PLAIN = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-6", b"windows-1252", b"windows-1256"}
_DAMAGED = "the document is damaged; save it anew and send it again"


def check_archive(data: bytes, limits: FileLimits, needed: str) -> None:
    """Declared sizes are checked first, then true ones piece by piece, so that nothing large is unpacked."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_declared(entries, limits)
            if needed not in archive.namelist():
                raise FileMismatch("it is a zip archive but no .docx document")
            left = limits.max_unpacked_bytes
            for entry in entries:
                left -= _check_entry(archive, entry, left)
    except (BadZipFile, NotImplementedError, EOFError, OSError):
        raise BrokenFile(_DAMAGED) from None


def _check_declared(entries: list[ZipInfo], limits: FileLimits) -> None:
    if len(entries) > limits.max_entries:
        raise FileTooLarge(f"it holds {len(entries)} parts, the limit is {limits.max_entries}")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise EncryptedFile("the document is locked with a password; save it without one and send it again")
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise BrokenFile(_DAMAGED)
    if sum(entry.file_size for entry in entries) > limits.max_unpacked_bytes:
        raise FileTooLarge(f"unpacked it has more than {limits.max_unpacked_bytes} bytes")
    for entry in entries:
        if entry.file_size > max(_RATIO_COUNTS_FROM, limits.max_ratio * entry.compress_size):
            raise FileTooLarge(f"a part of it unpacks to more than {limits.max_ratio} times its size")
    if len({entry.filename for entry in entries}) < len(entries):
        raise BrokenFile(_DAMAGED)


def _check_entry(archive: ZipFile, entry: ZipInfo, most: int) -> int:
    """The true size of an entry. XML must be without a DOCTYPE: no entities, no bombs made of them."""
    size, before, is_xml = 0, b"", entry.filename.lower().endswith((".xml", ".rels"))
    with archive.open(entry) as part:
        while piece := part.read(_PIECE):
            if is_xml:
                if size == 0:
                    _check_encoding(piece)
                if b"<!DOCTYPE" in before + piece or b"<!ENTITY" in before + piece:
                    raise BrokenFile(
                        "the document defines XML entities of its own, which no word processor does"
                    )
                before = piece[-8:]
            size += len(piece)
            if size > most:
                raise FileTooLarge("unpacked it has more bytes than is allowed")
    return size


def _check_encoding(beginning: bytes) -> None:
    declared = _ENCODING.search(beginning[:200])
    if b"\x00" in beginning[:200] or (declared and declared[1].lower() not in _PLAIN):
        raise BrokenFile(_DAMAGED)
