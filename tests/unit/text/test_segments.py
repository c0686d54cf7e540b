"""Segments: nothing lost, nothing twice, and sentences cut where an Arabic reader would cut them."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.text.segments import split

ANY_TEXT = st.text(max_size=300)
ARABIC_LIKE = st.lists(
    st.sampled_from(
        [
            *"ابتدم.؟!…،؛:«»()\"' \n\t0٣\u0651\u0640\u200d\u2028\x85",
            "كلمة ",
            "د. ",
            "ق.م.",
            "5 م. ",
            "بي.سي",
            "https://a.b/c?d=1.",
            "Dr. ",
            "😀",
            "(هل؟) ",
            "1. ",
            "\u200f",
        ]
    ),
    max_size=80,
).map("".join)
ARTICLES = ANY_TEXT | ARABIC_LIKE


def sentences(text: str, max_chars: int = 600) -> list[str]:
    return [text[segment.start : segment.end] for segment in split(text, max_chars)]


@given(ARTICLES, st.integers(1, 600))
@example("\u0651" * 50, 3)
@example("كلمة" + " " * 700 + ".", 5)
def test_offsets_reassemble_the_article(text: str, max_chars: int) -> None:
    rebuilt, place = "", 0
    for segment in split(text, max_chars):
        between = text[place : segment.start]
        assert not between.strip()
        rebuilt += between + text[segment.start : segment.end]
        place = segment.end
    assert not text[place:].strip()
    assert rebuilt + text[place:] == text


@given(ARTICLES, st.integers(1, 600))
def test_every_character_outside_white_space_is_in_exactly_one_segment(text: str, max_chars: int) -> None:
    segments = split(text, max_chars)
    covered = [place for segment in segments for place in range(segment.start, segment.end)]
    assert len(covered) == len(set(covered))
    assert {place for place, char in enumerate(text) if not char.isspace()} <= set(covered)


@given(ARTICLES, st.integers(1, 600))
def test_segments_are_numbered_trimmed_and_neither_empty_nor_over_long(text: str, max_chars: int) -> None:
    segments = split(text, max_chars)
    assert [segment.index for segment in segments] == list(range(len(segments)))
    for piece in sentences(text, max_chars):
        assert piece == piece.strip()
        assert 0 < len(piece) <= max_chars


@given(ARABIC_LIKE, st.lists(st.integers(0, 200), max_size=20))
def test_what_cannot_be_seen_changes_nothing_about_where_sentences_end(text: str, places: list[int]) -> None:
    marked = text
    for place in places:
        marked = marked[:place] + "\u200f" + marked[place:]
    seen = [[it.replace("\u200f", "").strip() for it in sentences(form, 10_000)] for form in (text, marked)]
    assert [it for it in seen[0] if it] == [it for it in seen[1] if it]


@given(st.lists(st.sampled_from(["ب", "س\u0651\u064e", "م\u064f", "e\u0301"]), min_size=1).map("".join))
def test_a_mark_stays_with_its_letter_when_a_word_must_be_cut(text: str) -> None:
    for piece in sentences(text, max_chars=4):
        assert not unicodedata.category(piece[0]).startswith("M")


@pytest.mark.parametrize(
    "expected",
    [
        ["وصل الوفد.", "ثم غادر."],
        ["هل وصل؟", "نعم!", "ربما…", "لا."],
        ["ماذا؟!", "لا أصدق!!"],
        ["هل جاء ؟ !", "نعم ."],
        ["قال...", "ثم سكت.."],
        ["عنوان بلا نقطة\n", "النص."],
        ["- بند أول\n", "- بند ثان\r\n", "خاتمة"],
        ["قال: «نعم.»", "ثم خرج."],
        ["قال «سنعمل.", "سننجح.»", "ثم خرج."],
        ['أضاف "سنعمل".', 'وقال "لا".'],
        ['قال "سنعمل."', "وخرج."],
        ["حضر (أمس.)", "ثم غاب."],
        ["التحالف الذي تقوده الولايات المتحدة،.", "وقالت قوى الأمن."],
        ["ورد في المرجع.[12]", "ثم تغير."],
        ["صدر العدد 2018.", "وقال الناشر."],
        ["عاش في عام 1827م.", "ثم رحل."],
        ["توفي سنة 13 هـ.", "ودفن بها."],
        ["توفي سنة 13 هـ.", "دفن بها."],
        ["راسلوا a.b@example.com.", "شكرا."],
        ["انظر https://example.org/a.b?c=d.e.", "وقال آخرون."],
        ["قال هذا مسؤول في Google.", "ولم يزد."],
        ["It ended.", "Mr. Smith left."],
    ],
)
def test_a_sentence_ends(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == [sentence.strip() for sentence in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("انتهى الاجتماع.وقال الوزير", ["انتهى الاجتماع.", "وقال الوزير"]),
        ("هل انتهى؟وقال الوزير", ["هل انتهى؟", "وقال الوزير"]),
        ("صدر عن Google.وقالت", ["صدر عن Google.", "وقالت"]),
        ('قال.«وأضاف»."نعم"', ["قال.", "«وأضاف».", '"نعم"']),
        ("مبروك! 🎉", ["مبروك! 🎉"]),
        ('قال "سنعمل . " وخرج', ['قال "سنعمل . "', "وخرج"]),
        ('قال "سنعمل."وخرج', ['قال "سنعمل."', "وخرج"]),
    ],
)
def test_a_sentence_ends_without_a_space(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "قال، ثم أضاف؛ وختم: انتهى",
        "بلغ 3.5 و٣٫٥ و٣.٥ و1.000.000 دينار",
        "صرح د. أحمد وأ. سمير وم. علي",
        "التقى ود. منى بالوفد",
        "قال أ.د. سمير عميد الكلية",
        "العنوان ص.ب. 123 الرياض",
        "كان ذلك في القرن الثالث ق.م. في مصر",
        "في سنة 13 هـ. (634 م) قرب دمشق",
        "شركة ش.م.ل. اللبنانية و.م.أ الأمريكية",
        "بثت بي.بي.سي وسي. إن. إن الخبر",
        "زار موقع أمازون.كوم و example.com و www.example.org/a.b",
        "اشترت U.S. Steel و J. K. Rowling و Dr. Smith أسهما",
        "هذا (!) غريب (...) جدا [؟] فعلا",
        "سأل «هل جاء؟»، ثم خرج",
        "1. البند الأول",
        "أ. البند الأول",
        "...وأضاف الوزير",
        "* * *",
        "استخدم C# و node.js و file?x=1 في العمل",
    ],
)
def test_what_only_looks_like_an_end_does_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\n", "\u2028", "\u2029", "\x85", "\v", "\f"])
def test_a_line_is_a_segment_of_its_own(separator: str) -> None:
    assert sentences(f"عنوان{separator}نص") == ["عنوان", "نص"]


@pytest.mark.parametrize(
    ("text", "max_chars", "expected"),
    [
        ("جاء الأول؛ ثم جاء الثاني، وبعده الثالث", 30, ["جاء الأول؛", "ثم جاء الثاني، وبعده الثالث"]),
        ("جاء الأول ثم الثاني، وبعده الثالث", 24, ["جاء الأول ثم الثاني،", "وبعده الثالث"]),
        ("بلغ العدد 1،500 شخص اليوم", 14, ["بلغ العدد", "1،500", "شخص اليوم"]),
        ("كلمة كلمة كلمة كلمة", 10, ["كلمة كلمة", "كلمة كلمة"]),
        ("كلمةطويلة", 4, ["كلمة", "طويل", "ة"]),
    ],
)
def test_an_over_long_sentence_is_cut_at_a_clause_else_a_space_else_anywhere(
    text: str, max_chars: int, expected: list[str]
) -> None:
    assert sentences(text, max_chars) == expected


def test_a_limit_below_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="max_chars"):
        split("نص", max_chars=0)
