"""The rules by which a sentence ends: stops, what follows them, and what only looks like one."""

import re
from collections.abc import Iterator, Sequence

from models.text.abbreviations import GAP, LETTER, is_abbreviation, numbering
from models.text.arabic import UNSEEN

Span = tuple[int, int]

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SEEN = re.compile(f"[^{UNSEEN}]+")
_VISIBLE = re.compile(f"[^\\s{UNSEEN}]")
# Possessive throughout: an article of nothing but dots must cost no more than any other.
_LINK = r"(?P<link>(?:https?://|ftp://|www\.)[^\s«»“”\"<>،؛؟]*[^\s«»“”\"<>،؛؟.!?…,;:)\]}'’])"
_STOP = rf"(?P<stop>[.!?؟…۔]++(?:{GAP}*+[!?؟…]++|{GAP}++\.++(?=\s|\Z))*+)"
_LINK_OR_STOP = re.compile(f"{_LINK}|{_STOP}")
_CLOSERS = re.compile(
    rf"(?:[»”’›﴾)\]}}]++|{GAP}++[»”’›﴾)\]}}]++(?!\w)|'(?!\w)"
    r"|(?<=[»”’›﴾)\]}\"])[.!?؟…]++"  # «هل جاء؟».
    r"|[«“‘](?=\s|\Z)"  # as some keyboards close
    rf"|{GAP}?\[\d{{1,3}}\]"
    r"|\(\d{1,3}\)|[¹²³⁰-⁹†‡]++"  # a note's mark
    r"|[\u2600-\u27bf\U0001f000-\U0001faff]++)*+"  # emoji
)
_QUOTE = re.compile(rf"(?P<gap>{GAP}*+)\"(?P<word_follows>(?=\w))?")
_OPENER_OF = {"»": "«", "”": "“", "›": "‹", ")": "(", "]": "[", '"': '"'}
_STOPS = re.compile("[.!?؟…]")
_OPENER = re.compile(r"(?:[(\[{]|(?<!\w)[«“‘﴿])$")
_QUOTE_OPENS = re.compile(r'(?:^|[\s:(])"$')

_WORD = re.compile(r"[^\W\d_]")
_COMMA_FOLLOWS = re.compile(rf"{GAP}*+[،,؛;:]")
_MAY_FOLLOW_DOT = re.compile(rf"\s|{LETTER}|[«“‘﴿\"'(\[{{]|[*•]++\s?{LETTER}")
# «هل جاء؟» سأل المذيع; before a colon it is the next speaker.
_SAID_SO = re.compile(
    r"[»”\"]\s(?:قال|سأل|تساءل|أجاب|رد|علق|هتف|صاح|صرخ|يقول|يسأل|يتساءل|تقول|تسأل|تتساءل)ت?(?!\w)"
    r"(?![^.!?؟…:]{0,80}:)"
)
_ENDS_ARABIC = re.compile(f"{LETTER}$")
_BARS_OTHER_STOPS = re.compile(r"[a-z\d/\\=&_@#+\-\u0300-\u036f]")
_WINDOW = 20


def sentence_spans(text: str) -> Iterator[Span]:
    """Start and end of each sentence, without the white space around it; a line ends one too.

    What has nothing to be seen belongs to the sentence before it, at the beginning to the first.
    """
    held: Span | None = None
    held_shows = False
    for start, end in _spans(text):
        shows = bool(_VISIBLE.search(text, start, end))
        if held and held_shows and shows:
            yield held
            held = None
        held = held[0] if held else start, end
        held_shows = held_shows or shows
    if held:
        yield held


def _spans(text: str) -> Iterator[Span]:
    for line in _LINE.finditer(text):
        seen, places = _as_seen(line[0])
        start = 0
        for end in [*(places[end] for end in _ends(seen)), len(line[0])]:
            sentence = line[0][start:end]
            before = len(sentence) - len(sentence.lstrip())
            if before < len(sentence):
                yield line.start() + start + before, line.start() + start + len(sentence.rstrip())
            start = end


def _as_seen(line: str) -> tuple[str, Sequence[int]]:
    """The line without marks and controls, and where each of its characters, and its end, stands in it."""
    runs = [run.span() for run in _SEEN.finditer(line)]
    if runs == [(0, len(line))]:
        return line, range(len(line) + 1)
    places = [place for run in runs for place in range(*run)]
    return "".join(line[start:end] for start, end in runs), [*places, len(line)]


def _ends(line: str) -> Iterator[int]:
    """Where sentences end inside a line; what holds no letter stays with the sentence before."""
    has_letter = in_quotes = False
    start = seen = found = link_end = 0
    numbers = numbering(line)
    for stop in _LINK_OR_STOP.finditer(line):
        place = stop.start()
        has_letter = has_letter or bool(_WORD.search(line, seen, place))
        in_quotes ^= line.count('"', seen, place) % 2 == 1
        seen = place
        if stop["link"]:
            link_end = stop.end()
            continue
        if not has_letter:
            continue
        if found:
            yield found
            found = 0
        after = _after_closers(line, stop.end(), in_quotes)
        before = line[max(link_end, place - _WINDOW) : place]
        opens = _OPENER.search(before) or (in_quotes and _QUOTE_OPENS.search(before))
        if not opens and place not in numbers and _is_end(line, start, before, stop, after):
            in_quotes ^= line.count('"', seen, after) % 2 == 1
            start = seen = found = after
            has_letter = False
    if found and (has_letter or _WORD.search(line, seen)):
        yield found


def _after_closers(line: str, place: int, in_quotes: bool) -> int:
    place = _match_end(_CLOSERS, line, place)
    quote = _QUOTE.match(line, place)
    if quote is None:
        return place
    glued, alone = not quote["gap"], quote["word_follows"] is None
    if (glued and alone) or (in_quotes and (glued or alone)):
        return _match_end(_CLOSERS, line, quote.end())
    return place


def _match_end(pattern: re.Pattern[str], line: str, place: int) -> int:
    match = pattern.match(line, place)
    return match.end() if match else place


def _is_end(line: str, start: int, before: str, stop: re.Match[str], after: int) -> bool:
    if _COMMA_FOLLOWS.match(line, after):
        return False
    if after == len(line):
        return True
    if stop["stop"] != ".":
        return not (
            _BARS_OTHER_STOPS.match(line, after)
            or _SAID_SO.match(line, after - 1)
            or _is_aside(line, start, stop, after)
        )
    if is_abbreviation(before, line, after):
        return False
    if _MAY_FOLLOW_DOT.match(line, after):
        return True
    glued = after == stop.end()
    return line[after].isupper() and (not glued or bool(_ENDS_ARABIC.search(before)))


def _is_aside(line: str, start: int, stop: re.Match[str], after: int) -> bool:
    """Whether the stop is of a question within the sentence, as in: برنامج «من أنت؟» على القناة."""
    opener = _OPENER_OF.get(line[stop.end()])
    if opener is None or _STOPS.search(line, stop.end(), after):
        return False
    opened = line.rfind(opener, start, stop.start())
    return opened > start and line[max(start, opened - 2) : opened].rstrip()[-1:].isalnum()
