"""The direction of Arabic lines: told by their letters, and turned from the order seen to the order read."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f]")
_PRESENTATION = re.compile("[\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc]")
_ARABIC_WORD = re.compile("[\u0620-\u065f\u066e-\u06d3]{2,}")
_NUMBER = re.compile(r"[0-9٠-٩۰-۹]+(?:[.,:/٫٬][0-9٠-٩۰-۹]+)*")
_PERCENT = re.compile(r"(?<![\d٪%])([%٪])([0-9٠-٩۰-۹]+(?:[.,٫٬][0-9٠-٩۰-۹]+)*)(?![\d٪%])")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_OPENING = dict(zip(")]}»›", "([{«‹", strict=True))
_COMMON_WORDS = (
    "في من على إلى عن أن إن هذا هذه التي الذي كان قال مع بين بعد قبل كما ما لا لم هو هي ذلك خلال منذ"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_COMMON_REVERSED = {word[::-1] for word in _COMMON} - _COMMON
_SURE = 3


class Directions:
    """A line speaks for itself; where it is silent, the lines of the document speak for it.

    Places on the page say how a line is seen. A producer that knows Arabic draws it as it should be seen, one
    that does not draws its letters from left to right in the order read: only the words can tell.
    """

    def __init__(self, lines: Sequence[Sequence[str]]) -> None:
        total = sum(_seen_not_read(pieces) for pieces in lines)
        self._bias = 2 if total >= 0 else -2

    def logical(self, pieces: Sequence[str]) -> str:
        """The line in the order read, with letters in place of presentation forms."""
        if not any(_ARABIC.search(piece) for piece in pieces):
            return _plain("".join(pieces))
        score = _seen_not_read(pieces)
        if (score if abs(score) >= _SURE else score + self._bias) < 0:
            return _plain("".join(_letters(piece) for piece in pieces))
        return _plain(_read([_letters(piece) for piece in pieces], self.is_right_to_left(pieces)))

    @staticmethod
    def is_right_to_left(pieces: Sequence[str]) -> bool:
        text = "".join(pieces)
        return len(_ARABIC.findall(text)) * 2 >= max(1, len(_LATIN.findall(text)))


def _letters(piece: str) -> str:
    """Presentation forms as letters; a mark's own form would bring a space or a tatweel to stand on."""
    if max(piece) < "\ufb50":
        return piece
    return _PRESENTATION.sub(lambda form: _bare(unicodedata.normalize("NFKC", form[0])), piece)


def _bare(letters: str) -> str:
    return letters[1:] if len(letters) > 1 and letters[0] in " \u0640" else letters


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _seen_not_read(pieces: Sequence[str]) -> int:
    """Above zero where the order is the one seen, below where it is already the one read."""
    forms = sum(_joint(here, after) for here, after in pairwise(pieces))
    seen = "".join(_letters(piece) for piece in reversed(pieces))
    read = "".join(_letters(piece) for piece in pieces)
    return 3 * forms + _likeness(seen) - _likeness(read)


def _joint(left: str, right: str) -> int:
    """What two neighbours' forms say: a final form to the left of an initial one is Arabic as it is seen."""
    forms = _form(left[-1]), _form(right[0])
    if (
        forms[0] in ("final", "medial")
        and forms[1] in ("initial", "medial")
        and forms != ("medial", "medial")
    ):
        return 1
    if (
        forms[0] in ("initial", "medial")
        and forms[1] in ("final", "medial")
        and forms != ("medial", "medial")
    ):
        return -1
    return 0


def _form(char: str) -> str:
    if not _PRESENTATION.match(char):
        return ""
    return unicodedata.decomposition(char).partition(">")[0].removeprefix("<")


def _likeness(text: str) -> int:
    """How much the Arabic words of a text look like words."""
    score = 0
    for word in _ARABIC_WORD.findall(text):
        bare = "".join(char for char in word if not unicodedata.combining(char))
        score += 2 * (bare[-1:] in "ةى") - 2 * (bare[:1] in "ةىئؤ")
        score += 2 * (len(bare) > 3 and bare.startswith(("ال", "وال", "بال", "لل", "فال")))
        score += (bare in _COMMON) - (bare in _COMMON_REVERSED)
    return score


def _read(pieces: Sequence[str], is_right_to_left: bool) -> str:
    """The order seen turned into the order read: UAX #9 backwards, as far as it can be undone."""
    runs = _runs(pieces)
    if not is_right_to_left:
        return "".join(
            "".join(reversed(run)) if _ARABIC.search("".join(run)) else "".join(run) for run in runs
        )
    parts = []
    for run in reversed(runs):
        text = "".join(run)
        is_level = _LATIN.search(text) or _NUMBER.fullmatch(text)
        parts.append(text if is_level else "".join(reversed(run)))
    return _PERCENT.sub(r"\2\1", _with_brackets(parts))


def _runs(pieces: Sequence[str]) -> list[list[str]]:
    """Stretches of Latin with what it encloses, single numbers, and what stands between those."""
    text, owners = "".join(pieces), [i for i, piece in enumerate(pieces) for _ in piece]
    spans: list[tuple[int, int]] = []
    for stretch in re.finditer(f"(?:(?!{_ARABIC.pattern}).)+", text, re.DOTALL):
        solid = re.search(r"[^\W_].*[^\W_]|[^\W_]", stretch[0], re.DOTALL)
        if solid and _LATIN.search(solid[0]):
            spans.append((stretch.start() + solid.start(), stretch.start() + solid.end()))
        else:
            spans += [
                (stretch.start() + it.start(), stretch.start() + it.end())
                for it in _NUMBER.finditer(stretch[0])
            ]
    runs: list[list[str]] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        first, last = (
            (owners[start], owners[end - 1] + 1) if start < len(text) else (len(pieces), len(pieces))
        )
        if at < first:
            runs.append(list(pieces[at:first]))
        if first < last:
            runs.append(list(pieces[max(first, at) : last]))
        at = max(at, last)
    return runs


def _with_brackets(parts: Sequence[str]) -> str:
    """Brackets are kept as shapes, so they turn with the line; where that would unpair them, they stay."""
    mirrored = "".join(it if _LATIN.search(it) else it.translate(_MIRRORED) for it in parts)
    kept = "".join(parts)
    return kept if _unpaired(kept) < _unpaired(mirrored) else mirrored


def _unpaired(text: str) -> int:
    wrong, opened = 0, []
    for char in text:
        if char in _OPENING.values():
            opened.append(char)
        elif char in _OPENING:
            if opened and opened[-1] == _OPENING[char]:
                opened.pop()
            else:
                wrong += 1
    return wrong + len(opened)
