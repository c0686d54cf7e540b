"""The rules by which a sentence ends: stops, what follows them, and what only looks like one."""

import re
from collections.abc import Iterator

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Possessive throughout: an article of nothing but dots must cost no more than any other.
_GAP = r"[ \t\u00a0]"
_LINK = r"(?P<link>(?:https?://|ftp://|www\.)[^\s«»“”\"<>،؛؟]*[^\s«»“”\"<>،؛؟.!?…,;:)\]}'’])"
_STOP = rf"(?P<stop>[.!?؟…۔]++(?:{_GAP}*+[!?؟…]++|{_GAP}++\.++(?=\s|\Z))*+)"
_LINK_OR_STOP = re.compile(f"{_LINK}|{_STOP}")
_CLOSERS = re.compile(rf"(?:[»”’›)\]}}]++|{_GAP}++[»”’›)\]}}]++(?!\w)|'(?!\w)|\[\d{{1,3}}\])*+")
_QUOTE = re.compile(rf"(?P<gap>{_GAP}*+)\"(?P<word_follows>(?=\w))?")

_LETTER = re.compile(r"[^\W\d_]")
_ARABIC = r"[ء-غف-يٱ-ۓ]"
_MARK = r"[\u0640\u064b-\u065f\u0670]"
_COMMA_FOLLOWS = re.compile(rf"{_GAP}*+[،,؛;:]")
_MAY_FOLLOW_DOT = re.compile(rf"\s|{_ARABIC}|[«“‘\"'(\[{{]")
_BARS_OTHER_STOPS = re.compile(r"[a-z0-9/\\=&_@#+\-\u0300-\u036f\u064b-\u065f\u0670]")

_INITIAL = re.compile(
    rf"(?<![^\W\d_])(?<!{_MARK})و?{_ARABIC}{_MARK}*$|(?<![^\W_])[A-Za-z]$"  # «د.», «ق.م.», "U.S."
)
_ABBREVIATION = re.compile(
    r"(?<!\w)(?:مج|صص|تح|تلف|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Capt|Sen|Rep|Gov|Rev|Mt"
    r"|No|Nos|Vol|Fig|vs|cf|pp|Inc|Ltd|Co|Corp)$"
)
_LETTER_NAME = (  # Latin letters as Arabic spells them: «بي.بي.سي»
    "(?:[إا]يه?|بي|سي|دي|[إا]ف|جي|جيه|[إاآ]تش|آي|كيه?|[إا]ل|[إا]م|[إا]ن|[أا]و|كيو|[آا]ر|[إا]س|تي|يو|في|"
    "دبليو|[إا]كس|واي|زد)"
)
_SPELT = re.compile(rf"(?<!\w)[وبل]?{_LETTER_NAME}$")
_SPELT_ON = re.compile(rf"{_GAP}*+{_LETTER_NAME}(?!\w)")
_DOT_COM = re.compile(r"(?:كوم|نت)(?!\w)")
# A sum or a date ends a sentence more often than it leads one on: «سنة 13 هـ. ودفن».
_COUNTED = re.compile(rf"\d\s*(?:{_ARABIC}{_MARK}*\.\s?){{0,2}}{_ARABIC}{_MARK}*$")
_YEAR = re.compile(r"\d\s*م$")
_AND_FOLLOWS = re.compile(rf"\s*+و{_ARABIC}")
_FIGURE_FOLLOWS = re.compile(r"\s*+[\d(\[/–-]")
_WINDOW = 16


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence, without the white space around it; a line ends one too."""
    for line in _LINE.finditer(text):
        start = 0
        for end in [*_ends(line[0]), len(line[0])]:
            sentence = line[0][start:end]
            before = len(sentence) - len(sentence.lstrip())
            if before < len(sentence):
                yield line.start() + start + before, line.start() + start + len(sentence.rstrip())
            start = end


def _ends(line: str) -> Iterator[int]:
    """Where sentences end inside a line; what holds no letter stays with the sentence before."""
    has_letter = in_quotes = False
    seen = found = link_end = 0
    for stop in _LINK_OR_STOP.finditer(line):
        place = stop.start()
        has_letter = has_letter or bool(_LETTER.search(line, seen, place))
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
        if _is_end(line, before, stop, after):
            in_quotes ^= line.count('"', seen, after) % 2 == 1
            seen = found = after
            has_letter = False
    if found and (has_letter or _LETTER.search(line, seen)):
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


def _is_end(line: str, before: str, stop: re.Match[str], after: int) -> bool:
    if before[-1:] in ("(", "[", "{") or _COMMA_FOLLOWS.match(line, after):
        return False
    if after == len(line):
        return True
    if stop["stop"] != ".":
        return not _BARS_OTHER_STOPS.match(line, after)
    if _is_abbreviation(before, line, after):
        return False
    if _MAY_FOLLOW_DOT.match(line, after):
        return True
    glued = after == stop.end()
    return line[after].isupper() and (not glued or bool(re.search(f"{_ARABIC}$", before)))


def _is_abbreviation(before: str, line: str, after: int) -> bool:
    if _DOT_COM.match(line, after) or (_SPELT.search(before) and _SPELT_ON.match(line, after)):
        return True
    if not _INITIAL.search(before) and not _ABBREVIATION.search(before):
        return False
    if _YEAR.search(before):
        return bool(_FIGURE_FOLLOWS.match(line, after))
    return not (_COUNTED.search(before) and _AND_FOLLOWS.match(line, after))
