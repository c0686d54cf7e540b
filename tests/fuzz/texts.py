"""Mean texts: what Unicode allows and no editor would write, and what patterns could stumble over."""

import random

from hypothesis import strategies as st

LONGEST_ARTICLE = 100_000
_SIGNS = (
    "ابكـ\u0651\u0654\u0670\u064b.!؟?…۔،؛:«»‹›()[]{}\"'“”-–—@#/\\_=+*•&%٪~^$|<>0٣۴१９²½Ⅳ\u0300\u3099"
    " \n\t\r\x0b\x0c\x1c\x1f\x85\u00a0\u2003\u2028\u2029\u3000\u200b"
    "\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\x00\x7f\ufffe"
    "\ue000\U0010ffff\u0378\ud800\udfff\ufb50\ufdfa\ufdf2\ufefb\ufe8e😀👩é字"
)
_PIECES = (
    "كلمة ", "كلمة، ", "كلمة؛ ", "كلمة: ", "د.", "ق.م.", "5 م. ", "بي.", "بي سي.", "إلخ)", "1. ", "1.1",
    "1 000 ", "في المئة ", "و ", "لا ", "لا س ", "ليس كلمة ", "غير ", "«؟»", "\"؟\" قال", "(هل؟) ", "…!",
    "! ", "ـ ", "؟ ؟ ", ". .", "Dr. ", "U.S.", "non-", "un", "half a ", "hundred and ", "twenty-one ",
    "IV ", "10:30", "1995-96", "12/5", "# ", "@a", "ال", "وال", "مئة و", "خمسة وعشرون ", "نصف مليون ",
    "مليون ونصف ", "من خمسة إلى ", "\u0651\u200d", "é\u0301", "👩\u200d", "[1]", "(1)", "ا.ا", "ا .",
    "https://a.b/?c=", "www.", "a@b.c", "&amp;", "&#x0;", "<b>", "<!--", "\u0301\x01", "\u064eـ",
    "ى\u0654", "ـ\u0654", "كانون الثاني ", "3 يناير ", "الساعة 3.", "من جهة أخرى، ", "كما أن ", "وأضاف ",
    "هذا وقد ", "\r\n",
)  # fmt: skip
FRAGMENTS = (*_SIGNS, *_PIECES)

_signs = st.sampled_from(FRAGMENTS) | st.characters()
_marked = st.builds(
    lambda letter, mark, times: letter + mark * times,
    st.sampled_from("اكa٣ 😀"),
    st.sampled_from("\u0651\u064b\u0654\u0300\u3099ـ\u200d\u200f\ufe0f"),
    st.sampled_from([1, 31, 700, 3_000]),
)
_repeated = st.builds(
    lambda text, times: text * times, st.lists(_signs, max_size=4).map("".join), st.integers(1, 1_200)
)
texts = st.lists(_signs | st.text(max_size=20), max_size=120).map("".join) | _marked | _repeated
articles = texts.filter(lambda text: bool(text.strip()))


def monotony(chance: random.Random) -> str:
    """One to four fragments, over and over."""
    return "".join(chance.choice(FRAGMENTS) for _ in range(chance.randint(1, 4)))


def long_as(length: int, fragment: str) -> str:
    return (fragment * (length // len(fragment) + 1))[:length]
