"""The codes of a shown string, and the text that they stand for."""

from typing import Any

from pypdf.generic._font import Font  # pypdf's only door to a font's characters and widths


def characters(font: Font, string: bytes) -> list[tuple[str, str, bool]]:
    """Of each code: what the font's widths know it by, its text, and whether it is a single-byte space."""
    if isinstance(font.encoding, str):
        raw = string.decode(font.encoding, "replace")
        return [(char, font.character_map.get(char, char), False) for char in raw]
    encoding = font.encoding
    decoded = [(chr(code), encoding.get(code, chr(code)), code == 0x20) for code in string]
    return [(raw, font.character_map.get(char, char), is_space) for raw, char, is_space in decoded]


def text_of(string: Any) -> str:
    if isinstance(string, str):
        return string
    data = bytes(string)
    if data.startswith((b"\xfe\xff", b"\xff\xfe")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8" if data.startswith(b"\xef\xbb\xbf") else "latin-1", "replace").lstrip("\ufeff")
