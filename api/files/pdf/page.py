"""The glyphs that a page shows and where they stand (ISO 32000-2, 9.4), in the order of its streams."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ContentStream, DictionaryObject
from pypdf.generic._font import Font  # pypdf's only door to a font's characters and widths

from api.files.errors import FileTooComplex, FileTooLarge
from api.files.pdf.codes import characters, text_of
from api.files.pdf.glyph import Glyph, Work
from api.files.pdf.matrix import IDENTITY, Matrix, matrix_of, moved, placed, times

_DEEPEST_FORM = 12


@dataclass
class _State:
    matrix: Matrix = IDENTITY
    font: Font | None = None
    size: float = 0.0
    char_space: float = 0.0
    word_space: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class PageGlyphs:
    """Raises FileTooLarge or FileTooComplex when `work` is used up."""

    def __init__(self, page: PageObject, reader: PdfReader, work: Work) -> None:
        self._page = page
        self._reader = reader
        self._work = work
        self._glyphs: list[Glyph] = []
        self._state = _State()
        self._saved: list[_State] = []
        self._text = self._line = IDENTITY
        self._marked: list[tuple[str | None, int]] = []
        self._fonts: dict[int, Font] = {}
        self._resources: Mapping[Any, Any] = {}
        self._depth = 0
        self._operators: dict[bytes, Callable[..., None]] = {
            b"q": self._save, b"Q": self._restore, b"cm": self._transform, b"BT": self._begin,
            b"Tf": self._set_font, b"Td": self._move, b"TD": self._move_leading, b"Tm": self._set_matrix,
            b"T*": self._next_line, b"Tj": self._show, b"TJ": self._show_spaced, b"'": self._show_next,
            b'"': self._show_next_spaced, b"Do": self._form, b"BDC": self._mark, b"BMC": self._mark,
            b"EMC": self._unmark, b"Tc": self._setter("char_space"), b"Tw": self._setter("word_space"),
            b"TL": self._setter("leading"), b"Ts": self._setter("rise"), b"Tz": self._set_scale,
        }  # fmt: skip

    def read(self) -> list[Glyph]:
        contents = self._page.get_contents()
        if contents is not None:
            self._run(contents, self._page.get("/Resources"))
        return self._glyphs

    def _run(self, stream: Any, resources: Any) -> None:
        content = ContentStream(stream, self._reader, "bytes")
        self._work.bytes_left -= len(content.get_data())
        if self._work.bytes_left < 0:
            raise FileTooLarge(
                "its streams unpack to more bytes than is allowed; send the article's text instead"
            )
        found = resources.get_object() if resources is not None else {}
        outer, self._resources = self._resources, found if isinstance(found, DictionaryObject) else {}
        for operands, operator in content.operations:
            act = self._operators.get(operator)
            if act and isinstance(operands, list):
                try:
                    act(*operands)
                except (TypeError, ValueError, AttributeError, KeyError, IndexError, OverflowError):
                    continue  # a wrong operand spoils one operator, as it does in viewers
        self._resources = outer

    def _setter(self, name: str) -> Callable[[Any], None]:
        return lambda value: setattr(self._state, name, float(value))

    def _set_scale(self, percent: Any) -> None:
        self._state.scale = float(percent) / 100

    def _save(self) -> None:
        if len(self._saved) < 1_000:
            self._saved.append(replace(self._state))

    def _restore(self) -> None:
        if self._saved:
            self._state = self._saved.pop()

    def _transform(self, *numbers: Any) -> None:
        self._state.matrix = times(matrix_of(numbers), self._state.matrix)

    def _begin(self) -> None:
        self._text = self._line = IDENTITY

    def _set_font(self, name: Any, size: Any) -> None:
        self._state.size = float(size)
        resource = self._resources["/Font"].get_object()[name].get_object()
        if id(resource) not in self._fonts:
            self._fonts[id(resource)] = Font.from_font_resource(resource)
        self._state.font = self._fonts[id(resource)]

    def _move(self, x: Any, y: Any) -> None:
        self._text = self._line = moved(self._line, float(x), float(y))

    def _move_leading(self, x: Any, y: Any) -> None:
        self._state.leading = -float(y)
        self._move(x, y)

    def _set_matrix(self, *numbers: Any) -> None:
        self._text = self._line = matrix_of(numbers)

    def _next_line(self) -> None:
        self._move(0, -self._state.leading)

    def _show_next(self, string: Any) -> None:
        self._next_line()
        self._show(string)

    def _show_next_spaced(self, word_space: Any, char_space: Any, string: Any) -> None:
        self._state.word_space, self._state.char_space = float(word_space), float(char_space)
        self._show_next(string)

    def _show_spaced(self, array: Any) -> None:
        for item in array:
            if isinstance(item, (int, float)):
                self._text = moved(self._text, -float(item) / 1000 * self._state.size * self._state.scale, 0)
            else:
                self._show(item)

    def _show(self, string: Any) -> None:
        state, font = self._state, self._state.font
        if font is None or not isinstance(string, bytes):
            return
        for raw, text, is_space in characters(font, string):
            ink = font.get_text_width(raw) / 1000 * state.size * state.scale
            self._add(text, ink)
            step = state.char_space + (state.word_space if is_space else 0.0)
            self._text = moved(self._text, ink + step * state.scale, 0)

    def _add(self, text: str, ink: float) -> None:
        self._work.characters_left -= len(text)
        if self._work.characters_left < 0:
            raise FileTooLarge("it has far more characters than an article may have; split it")
        place = placed(times(self._text, self._state.matrix), ink, self._state.size, self._state.rise)
        if place:
            self._glyphs.append(Glyph(text, *place))

    def _form(self, name: Any) -> None:
        form = self._resources["/XObject"].get_object()[name].get_object()
        if form["/Subtype"] != "/Form":
            return
        self._work.forms_left -= 1
        if self._depth >= _DEEPEST_FORM or self._work.forms_left < 0:
            raise FileTooComplex("its forms hold each other too often; send the article's text instead")
        kept = self._state, self._saved, self._text, self._line
        self._state, self._saved = (
            replace(self._state),
            [],
        )
        self._depth += 1
        if "/Matrix" in form:
            self._transform(*form["/Matrix"])
        self._run(form, form.get("/Resources", self._resources))
        self._depth -= 1
        self._state, self._saved, self._text, self._line = kept

    def _mark(self, _tag: Any, properties: Any = None) -> None:
        if isinstance(properties, str):
            properties = self._resources["/Properties"].get_object()[properties].get_object()
        actual = properties.get("/ActualText") if isinstance(properties, dict) else None
        self._marked.append((text_of(actual) if actual is not None else None, len(self._glyphs)))

    def _unmark(self) -> None:
        """Glyphs marked with what they stand for become one that says it."""
        if not self._marked:
            return
        text, start = self._marked.pop()
        spelt = self._glyphs[start:]
        if text is None or not spelt:
            return
        first = spelt[0]
        level = [
            it
            for it in spelt
            if it.turn == first.turn and math.isclose(it.y, first.y, abs_tol=first.size / 2)
        ]
        left = min(it.x for it in level)
        width = max(it.x + it.width for it in level) - left
        self._glyphs[start:] = [Glyph(text, left, first.y, width, first.size, first.turn)] if text else []
