"""The bounds within which a file must be read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """`max_unpacked_bytes` holds for what is packed in a file: the parts of a docx, the streams of a PDF."""

    max_bytes: int = 10_485_760
    max_chars: int = 100_000
    max_pages: int = 200
    max_unpacked_bytes: int = 52_428_800
    max_entries: int = 2_000
    max_ratio: int = 100  # of an entry over 1 MiB; below that it does no harm
    cpu_seconds: int = 10
    wall_seconds: float = 20.0
    memory_bytes: int = 536_870_912  # address space of the child, its interpreter and parsers included
