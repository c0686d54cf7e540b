"""The rules by which a full stop only shortens a word: initials, titles, acronyms, and figures in a list."""

import re

LETTER = r"[ء-غف-يٱ-ۓ\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe80-\ufefc]"
GAP = r"[ \t\u00a0\u2009\u202f]"

_INITIAL = re.compile(rf"(?<![^\W\d_])(?<![/°])و?{LETTER}$|(?<![^\W_])[A-Za-z]$")  # «د.», «ق.م.», "U.S."
_ABBREVIATION = re.compile(
    r"(?<!\w)(?:مج|صص|تح|تلف|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Capt|Sen|Rep|Gov|Rev|Mt"
    r"|No|Nos|Vol|Fig|vs|cf|pp|Inc|Ltd|Co|Corp)$"
)
# «فيتامين د.», «المجموعة B.»: one of several, whole as it stands.
_ONE_OF_SEVERAL = re.compile(
    rf"(?:فئة|مجموعة|فيتامين|درجة|صنف|نوع|حرف|نموذج|قسم|خيار|كبدي?|[إأا]نفلونزا)\s(?:{LETTER}|[A-Za-z])$"
)
_LONE_LATIN = re.compile(r"(?<![\w.])[A-Za-z]$")
_ARABIC_FOLLOWS = re.compile(rf"\s*+{LETTER}")
_AND_FOLLOWS = re.compile(rf"\s*+و{LETTER}")
_LETTER_NAME = (  # Latin letters as Arabic spells them: «بي.بي.سي»
    "(?:[إا]يه?|بي|سي|دي|[إا]ف|جي|جيه|[إاآ]تش|آي|كيه?|[إا]ل|[إا]م|[إا]ن|[أا]و|كيو|[آا]ر|[إا]س|تي|يو|في|"
    "دبليو|[إا]كس|واي|زد)"
)
_SPELT = re.compile(rf"(?<!\w)[وبل]?{_LETTER_NAME}$")
_SPELT_ON = re.compile(rf"{GAP}*+{_LETTER_NAME}(?!\w)")
_SPELT_INITIAL = re.compile(rf"(?<!\w)(?P<acronym>{_LETTER_NAME}[ -])?{_LETTER_NAME}$")  # «جورج دبليو. بوش»
_AND_SO_ON = re.compile(r"(?<!\w)[إا]لخ$")
_DOT_COM = re.compile(r"(?:كوم|نت)(?!\w)")
# A sum or a date ends a sentence more often than it leads one on: «350 ق.م. وقامت», «3 مليارات ر.س. وبدأ».
_COUNTED = re.compile(rf"\d\s*(?:{LETTER}\.\s?){{0,2}}{LETTER}$|(?<!{LETTER})(?:ق\.\s?م|ر\.\s?س)$")
_YEAR = re.compile(r"\d\s*[مهص]$")
_FIGURE_FOLLOWS = re.compile(r"\s*+[\d(\[/–-]")
_WIDEST_GAP = 4
_NUMBERED = re.compile(r"(?<!\S)(\d{1,2})(?=\.\s)")


def is_abbreviation(before: str, line: str, after: int) -> bool:
    """Whether the full stop between `before` and `line[after]` shortens a word and ends no sentence."""
    if _DOT_COM.match(line, after) or (_SPELT.search(before) and _SPELT_ON.match(line, after)):
        return True
    spelt = _SPELT_INITIAL.search(before)
    if spelt and not spelt["acronym"]:
        return bool(_ARABIC_FOLLOWS.match(line, after)) and not _AND_FOLLOWS.match(line, after)
    if _ONE_OF_SEVERAL.search(before):
        return False
    if _AND_SO_ON.search(before):  # «(التفاح، الموز، إلخ.) من السوق»
        return line[after - 1] == ")"
    return bool(_INITIAL.search(before) or _ABBREVIATION.search(before)) and _goes_on(before, line, after)


def _goes_on(before: str, line: str, after: int) -> bool:
    """Whether the sentence does, after the letter at the end of `before`."""
    if _YEAR.search(before):
        return bool(_FIGURE_FOLLOWS.match(line, after))
    if _LONE_LATIN.search(before):
        return not _ARABIC_FOLLOWS.match(line, after)
    return not (_COUNTED.search(before) and _AND_FOLLOWS.match(line, after))


def numbering(line: str) -> frozenset[int]:
    """Where the full stops of a list within the line stand: «أولها: 1. الأمن 2. السلام».

    «جاء في المركز 1. وحل منافسه في المركز 2.» is none, for no list begins right after a word.
    """
    stops: list[int] = []
    for figure in _NUMBERED.finditer(line):
        before = line[max(0, figure.start() - _WIDEST_GAP) : figure.start()].rstrip()
        if int(figure[1]) == len(stops) + 1 and (stops or not before[-1:].isalnum()):
            stops.append(figure.end())
    return frozenset(stops) if len(stops) > 1 else frozenset()
