"""Stems: the words of a text that say what it is about, as a matcher compares them."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

from models.text.arabic import for_matching

_WORD = re.compile(r"[^\W_]+")
_MAX_STEMMED = 5_000  # keeps the time small for any article
_LONGEST_STEMMED = 30


def stems(texts: Sequence[str], *, most: int = _MAX_STEMMED) -> list[Counter[str]]:
    """The stems of each text; past the so many commonest word forms a word stands for itself, for speed."""
    words_of = [_content_words(text) for text in texts]
    forms = Counter(word for words in words_of for word in words if len(word) <= _LONGEST_STEMMED)
    stem = _stemmer()
    known = {form: stem(form) for form, _ in forms.most_common(most)}
    return [Counter(known.get(word, word) for word in words) for words in words_of]


def _content_words(text: str) -> list[str]:
    stop_words = _stop_words()
    words = (word.removeprefix("و") for word in _WORD.findall(for_matching(text)))
    return [word for word in words if len(word) > 1 and word not in stop_words]


@cache
def _stop_words() -> frozenset[str]:
    import stopwordsiso  # noqa: PLC0415  a large table, read with the first article

    words = {for_matching(word) for word in stopwordsiso.stopwords("ar")}
    return frozenset(words | {word.removeprefix("و") for word in words})


def _stemmer() -> Callable[[str], str]:
    """A stemmer of one's own: it keeps the word in hand as state, so threads cannot share one."""
    import snowballstemmer  # noqa: PLC0415  loaded with the first article

    stem: Callable[[str], str] = snowballstemmer.stemmer("arabic").stemWord
    return stem
