"""PDFs written by hand, byte by byte, as honest and as hostile as a test needs them."""

import zlib
from collections.abc import Sequence

WIDTH = 500  # of every glyph, in thousandths of the size


class WrittenPdf:
    """Objects are numbered as they are added; object 1 is the catalog."""

    def __init__(self) -> None:
        self.objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
        self.pages: list[int] = []
        self.trailer = b""

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def stream(self, data: bytes, entries: bytes = b"", packed: bool = False) -> int:
        if packed:
            data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
        return self.add(b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data))

    def page(self, content: int, resources: bytes = b"") -> int:
        self.pages.append(
            self.add(
                b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources << %s >> >>" % (content, resources)
            )
        )
        return self.pages[-1]

    def written(self) -> bytes:
        if not self.objects[1]:
            kids = b" ".join(b"%d 0 R" % page for page in self.pages)
            self.objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(self.pages), kids)
        out, places = bytearray(b"%PDF-1.7\n"), []
        for number, body in enumerate(self.objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        head = b"/Size %d /Root 1 0 R %s" % (len(places) + 1, self.trailer)
        return bytes(out + b"trailer\n<< %s >>\nstartxref\n%d\n%%%%EOF\n" % (head, start))


def pdf_of(lines: Sequence[Sequence[str]], step: float = 16, title: str | None = None) -> bytes:
    """One page of lines that end at the right; a line is its glyphs from left to right."""
    pdf = WrittenPdf()
    glyphs = sorted({glyph for line in lines for glyph in line})
    codes = {glyph: code for code, glyph in enumerate(glyphs, 1)}
    pairs = "\n".join(f"<{codes[it]:04x}> <{it.encode('utf-16-be').hex()}>" for it in glyphs)
    codespace = "1 begincodespacerange <0000> <ffff> endcodespacerange"
    cmap = f"{codespace}\n{len(glyphs)} beginbfchar\n{pairs}\nendbfchar"
    unicode = pdf.stream(cmap.encode())
    inner = pdf.add(b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW %d >>" % WIDTH)
    kind = b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H"
    font = pdf.add(b"%s /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (kind, inner, unicode))
    content = []
    for number, line in enumerate(lines):
        left = 550 - len(line) * WIDTH / 1000 * 12
        shown = "".join(f"{codes[glyph]:04x}" for glyph in line)
        content.append(f"BT /F1 12 Tf {left} {800 - number * step} Td <{shown}> Tj ET")
    pdf.page(pdf.stream("\n".join(content).encode(), packed=True), b"/Font << /F1 %d 0 R >>" % font)
    if title:
        info = pdf.add(b"<< /Title <feff%s> >>" % title.encode("utf-16-be").hex().encode())
        pdf.trailer = b"/Info %d 0 R" % info
    return pdf.written()
