"""Arabic words as a matcher compares them, each letter with its place in the text, and their clitics."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from models.text.arabic import UNSEEN, for_matching

# Letters and digits with the marks, tatweel and invisible controls between and after them.
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{UNSEEN}\u0300-\u036f])*")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_CONJUNCTIONS = "وف"
_PREPOSITIONS = "بلك"
_ARTICLE = "ال"
# Longest first; ي (my) is left out: after a noun it nearly always makes an adjective, عراقي from عراق.
_PRONOUNS = ("هما", "كما", "هم", "هن", "ها", "كم", "كن", "نا", "ه", "ك")
_FEWEST_LETTERS = 3  # of a word that clitics are taken from: قم must not be found in رقم nor وقم
# Frequent words whose first letter is their own, so that what follows it is no word of the text.
_WHOLE = frozenset(
    for_matching(
        "وزير وزيرة وزارة وزراء وزارات ورقة ورقات وقوف وقود وقائع والد والدة والدي وطني وطنية وفود "
        "وفاة وفاق وحدة وحيد وحيدة وليد ولاية ولايات ولادة واحد واحدة واقع واقعة وكيل وكالة وسام "
        "وصول وجود وجبة وردة واسع واسعة وادي فريق فرقة فرصة فترة فكرة فيلم فيديو فاتح فارس فقير "
        "فلسطين فلسطيني فلسطينية بلدة بلدية بلاد بيان بيئة بشرية برلمان برنامج بطولة بحرين بوابة "
        "بارد لبنان لبناني لبنانية لقاء لجنة لحظة ليبيا ليلة لاعب لواء لازم كتاب كاتب كتابة كتلة "
        "كلمة كلام كلية كامل كبير كبيرة كثير كثيرة كريم كريمة كهرباء كويت كامن كمال كيان كيلو كافة"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """`letters` as written, without marks; `folded` as compared; letter i stands at `places[i]`."""

    letters: str
    folded: str
    places: tuple[int, ...]
    start: int
    end: int

    def place(self, letter: int) -> int | None:
        """Where a part that begins with this letter begins; None inside a ligature."""
        if letter == len(self.letters):
            return self.end
        parts_a_ligature = letter > 0 and self.places[letter] == self.places[letter - 1]
        return None if parts_a_ligature else self.places[letter]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take clitics from a word. `core` is what is left, folded, with the alef that ل swallows."""

    core: str
    first: int  # letter of the core
    article: bool  # taken from it
    swallowed: bool  # whether `core` is ل's assimilation of a word that has its own article


def words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        letters: list[str] = []
        places: list[int] = []
        for place, char in enumerate(found[0], start=found.start()):
            for letter in unicodedata.normalize("NFKC", char):
                if letter.isalnum() and not _UNSEEN.match(letter):
                    letters.append(letter)
                    places.append(place)
        if letters:
            written = "".join(letters)
            yield Word(written, fold(written), tuple(places), found.start(), found.end())


def fold(letters: str) -> str:
    """Letter for letter, unlike `for_matching`, but for the words with two spellings."""
    return "".join(map(_folded, letters))


@cache
def _folded(letter: str) -> str:
    form = for_matching(letter)
    return form if len(form) == 1 else letter


@lru_cache(maxsize=2_000)  # under 1 MiB; a reading takes microseconds
def readings(folded: str) -> tuple[Reading, ...]:
    """Every way to take و ف, then ب ل ك, then ال from the word; what takes least comes first."""
    return tuple(_readings(folded))


def _readings(folded: str) -> Iterator[Reading]:
    yield Reading(folded, 0, article=False, swallowed=False)
    yield from _without_article(folded, 0)
    for first in _starts(folded):
        if first:
            yield Reading(folded[first:], first, article=False, swallowed=False)
            yield from _without_article(folded, first)
            if folded[first - 1 : first + 1] == "لل":
                # The article's alef is not written after ل, nor its lam before another: للكاظمي، للبناني.
                yield Reading("ا" + folded[first:], first, article=False, swallowed=True)
                yield Reading(_ARTICLE + folded[first:], first, article=False, swallowed=True)
                if len(folded) - first > _FEWEST_LETTERS:
                    yield Reading(folded[first + 1 :], first + 1, article=True, swallowed=False)


def _starts(folded: str) -> Iterator[int]:
    """Where the word may begin after a conjunction, a preposition, both or neither."""
    first = 0
    for clitics in (_CONJUNCTIONS, _PREPOSITIONS):
        if len(folded) - first <= _FEWEST_LETTERS or folded[first:] in _WHOLE:
            return
        if folded[first] in clitics:
            first += 1
            yield first


def _without_article(folded: str, first: int) -> Iterator[Reading]:
    if folded.startswith(_ARTICLE, first) and len(folded) - first >= len(_ARTICLE) + _FEWEST_LETTERS:
        yield Reading(folded[first + 2 :], first + 2, article=True, swallowed=False)


def pronouns(letters: str) -> Iterator[str]:
    """The pronoun endings that the word may have, as it is written: ة is no ه."""
    for pronoun in _PRONOUNS:
        if letters.endswith(pronoun) and len(letters) - len(pronoun) >= _FEWEST_LETTERS:
            yield pronoun


def stems(letters: str) -> frozenset[str]:
    """How the word stands, folded, before a pronoun: حكومة as حكومت, مستشفى as مستشفا, أبناء as أبنائ."""
    forms = {fold(letters)}
    if letters.endswith("ة"):
        forms = {fold(letters[:-1] + "ت")}
    elif letters.endswith("ى"):
        forms = {fold(letters[:-1] + "ا")}
    elif letters.endswith("اء"):
        forms |= {fold(letters[:-1] + seat) for seat in "ؤئ"}
    return frozenset(forms)
