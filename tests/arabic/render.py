"""The table of cases as a page to read: `python -m tests.arabic.render` writes docs/arabic.md."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tests.arabic.table import Case, Group, groups

PAGE = Path(__file__).parents[2] / "docs" / "arabic.md"

_NAMES = {
    "\n": "↵",
    "\r": "␍",
    "\t": "⇥",
    "\f": "␌",
    "\v": "␋",
    "\0": "␀",
    "\x85": "⟨NEL⟩",
    "\u00a0": "⟨NBSP⟩",
    "\u00ad": "⟨SHY⟩",
    "\u061c": "⟨ALM⟩",
    "\u200b": "⟨ZWSP⟩",
    "\u200c": "⟨ZWNJ⟩",
    "\u200e": "⟨LRM⟩",
    "\u200f": "⟨RLM⟩",
    "\u2028": "⟨LS⟩",
    "\u2029": "⟨PS⟩",
    "\u202a": "⟨LRE⟩",
    "\u202b": "⟨RLE⟩",
    "\u202c": "⟨PDF⟩",
    "\u2060": "⟨WJ⟩",
    "\u2066": "⟨LRI⟩",
    "\u2067": "⟨RLI⟩",
    "\u2068": "⟨FSI⟩",
    "\u2069": "⟨PDI⟩",
    "\ufeff": "⟨BOM⟩",
}
_EMOJI_JOINER = re.compile("(?<![\u2600-\U0001faff])\u200d|\u200d(?![\u2600-\U0001faff])")
_MARKUP = re.compile(r"[&<>|*_`\[\]#~\\@]|(?<=www)\.|:(?=//)|(?<=^\d)\.|(?m:^[-+])")

_PREFACE = """\
# Arabic, case by case

What Khulasa does with Arabic text, in {count} cases. They stand in
[tests/arabic/cases.toml](../tests/arabic/cases.toml), one a line, and every one is a test.
`python -m tests.arabic.render` writes this page from there.

- Numbered lines are the **segments** into which the article is cut. Nothing is lost: every character outside
  white space is in exactly one of them.
- What **engines read** is the form in which models get the text. People see only the author's own.
- The **language** is what the check of a submission says: `ar` is accepted, all else refused by name; `und`
  is no language that can be told.
- ↵ ends a line, ⇥ is a tab, and what cannot be seen has its name, such as ⟨RLM⟩ or ⟨U+0007⟩.
"""


def page() -> str:
    table = list(groups())
    preface = _PREFACE.format(count=sum(len(group.cases) for group in table))
    return "\n".join([preface, *(line for group in table for line in _section(group))])


def _section(group: Group) -> Iterator[str]:
    yield f"## {group.title}\n"
    if group.note:
        yield f"{group.note}\n"
    yield "| Case | Text | What comes out |\n|---|---|---|"
    for case in group.cases:
        yield f"| {case.title} | {_input(case)} | {_outcome(case)} |"
    yield ""


def _input(case: Case) -> str:
    if case.hex is not None:
        return f"`{case.hex.upper()}`" if case.hex else "(nothing)"
    times = f" × {case.repeat:,}" if case.repeat > 1 else ""
    saved = f" in {case.saved}" if case.saved else ""
    return _shown(case.text) + times + saved


def _outcome(case: Case) -> str:
    told = (
        case.segments is not None and _parts(case.segments, of=case.text),
        case.summary is not None and _parts(case.summary, of=case.text).replace("segment", "sentence"),
        case.encoding is not None and _file(case),
        case.language and f"**{case.language}**: " + ("accepted" if case.language == "ar" else "refused"),
        case.count and f"{case.count:,} segments",
        case.engine is not None and f"Engines read {_shown(case.engine)}",
        case.matches and f"The same as {_shown(case.matches)}",
        case.differs and f"Other than {_shown(case.differs)}",
    )
    return next(it for it in told if it)


def _parts(parts: list[str], of: str) -> str:
    if parts == [of]:
        return "One segment"
    return "<br>".join(f"{number}. {_shown(part)}" for number, part in enumerate(parts, 1)) or "No segment"


def _file(case: Case) -> str:
    read = case.text if case.read is None else case.read
    return f"{case.encoding}: {_shown(read)}" if case.encoding else "Refused"


def _shown(text: str) -> str:
    """The text with a direction of its own, so that its full stop stands where its reader looks for it."""
    seen = _MARKUP.sub(
        lambda sign: f"&#{ord(sign[0])};", "".join(map(_named, _EMOJI_JOINER.sub("⟨ZWJ⟩", text)))
    )
    return f'<span dir="auto">{seen}</span>' if seen else "(nothing)"


def _named(char: str) -> str:
    if char in _NAMES:
        return _NAMES[char]
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Zs") and char not in " \u200d۝"
    return f"⟨U+{ord(char):04X}⟩" if hidden else char


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
