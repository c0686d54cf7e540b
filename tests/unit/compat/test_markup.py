"""HTML whose sentences are translated: tags stay whole, each around the words that say the same."""

import html
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.compat.markup import Markup
from api.compat.passages import PlainText, Translated, joined, parted
from models.article import Article

Engine = Callable[[str], str]


def translate(passages: Sequence[str], engine: Engine) -> Translated:
    article = Article(joined(passages))
    segments = [
        {"start": it.start, "end": it.end, "target": engine(source)}
        for it, source in zip(article.segments, article.sources, strict=True)
    ]
    return parted(passages, segments)


def render(source: str, engine: Engine) -> str:
    markup = Markup(source)
    return markup.rendered(translate(list(dict.fromkeys(markup.passages())), engine))


ENGLISH = {
    "قال الوزير إن الخطة الجديدة تبدأ غدا.": "The minister said that the new plan begins tomorrow.",
    "الوزير": "Minister",
    "الخطة الجديدة": "New plan",
    "تبدأ غدا": "Starting tomorrow",
    "الخطة": "The scheme.",
    "هل وصل الوفد؟": "Did the U.S. delegation arrive?",
    "الوفد": "The delegation",
    "أخبار": "News & more",
    "الرياضة": "Sports",
    "نمت الأرباح ٢٠ مليونا في 2024.": "Profits grew by 20 million in 2024.",
}

PLACES = [
    (
        "قال <b>الوزير</b> إن الخطة الجديدة تبدأ غدا.",
        "The <b>minister</b> said that the new plan begins tomorrow.",
    ),
    (
        "قال الوزير إن <a href=1>الخطة الجديدة</a> <i>تبدأ غدا</i>.",
        "The minister said that the <a href=1>new plan</a> begins <i>tomorrow</i>.",
    ),
    (
        "قال <a href=1><b>الوزير</b></a> إن الخطة الجديدة تبدأ غدا.",
        "The <a href=1><b>minister</b></a> said that the new plan begins tomorrow.",
    ),
    (
        "<b>قال الوزير إن الخطة الجديدة تبدأ غدا</b>.",
        "<b>The minister said that the new plan begins tomorrow</b>.",
    ),
    ("هل وصل <em>الوفد</em>؟", "Did the U.S. <em>delegation</em> arrive?"),
    (
        "<p>هل وصل الوفد؟<br>هل وصل الوفد؟</p>",
        "<p>Did the U.S. delegation arrive?<br>Did the U.S. delegation arrive?</p>",
    ),
    (
        "<b>هل وصل الوفد؟ هل وصل الوفد؟</b>",
        "<b>Did the U.S. delegation arrive? Did the U.S. delegation arrive?</b>",
    ),
    ("<a>أخبار</a> | <a>الرياضة</a>", "<a>News &amp; more</a> | <a>Sports</a>"),
    ("<td> أخبار\n </td>", "<td> News &amp; more\n </td>"),
    ("نمت الأرباح <b>٢٠</b> مليونا في <i>2024</i>.", "Profits grew by <b>20</b> million in <i>2024</i>."),
    ("أخبار<script>a<b</script><!-- <p> -->", "News &amp; more<script>a<b</script><!-- <p> -->"),
    ("<pre>أخبار\n  الرياضة</pre>", "<pre>News &amp; more\n  Sports</pre>"),
    ("<p title='الوزير'>12 &amp; &lt;b&gt; Latin</p>", "<p title='الوزير'>12 &amp; &lt;b&gt; Latin</p>"),
    ("الرياضة <3 أخبار", None),
    ("<a href='أخبار", "<a href='أخبار"),
]


@pytest.mark.parametrize(("source", "expected"), PLACES)
def test_tags_stand_around_the_words_that_say_the_same(source: str, expected: str | None) -> None:
    given_back = render(source, lambda text: ENGLISH.get(text, "Something else"))
    assert given_back == expected if expected else "<" not in given_back


def test_what_an_engine_writes_is_never_markup() -> None:
    assert render("<p>أخبار</p>", lambda _: "<script>1</script> &lt; \u00a0x") == (
        "<p>&lt;script&gt;1&lt;/script&gt; &amp;lt; &nbsp;x</p>"
    )


def test_a_sentence_that_came_back_empty_stays() -> None:
    assert render("<p>أخبار</p>", lambda _: " ") == "<p>أخبار</p>"


_texts = st.sampled_from(
    [
        "قال الوزير",
        "إن الخطة. ",
        " و",
        "غدا؟",
        "Latin ",
        " 12 ",
        "\n ",
        "&amp;",
        "&lt;b&gt;",
        " | ",
        "كلمة.كلمة",
        "a < b",
    ]
)
_inline = st.sampled_from(["b", "a", "i", "span"])
_nested = st.recursive(
    st.lists(_texts, max_size=3).map("".join),
    lambda inner: st.one_of(
        st.tuples(_inline, st.lists(inner, max_size=4)).map(
            lambda it: f"<{it[0]}>{''.join(it[1])}</{it[0]}>"
        ),
        st.lists(inner, max_size=3).map(lambda it: f"<p>{''.join(it)}</p>"),
        st.sampled_from(["<br>", "<img src=a>", "<!-- <b> -->"]),
    ),
    max_leaves=12,
)
_engines: st.SearchStrategy[Engine] = st.sampled_from(
    [
        lambda text: text,
        lambda text: "Word",
        lambda text: " ".join(f"w{len(word)}" for word in reversed(text.split())) + ".",
        lambda text: "<i> & said, the plan!",
    ]
)


def test_tags_whose_words_are_not_found_stand_about_where_they_stood() -> None:
    engine = {"قال الوزير إن الخطة الجديدة تبدأ غدا.": "A, b c, d e."}
    source = "قال <b>الوزير</b> إن <i>الخطة</i> الجديدة <a>تبدأ غدا</a>."
    assert render(source, lambda text: engine.get(text, "Zzz")) == "<b>A</b>, b <i>c</i>, d <a>e</a>."


@given(st.lists(_nested, max_size=4).map("".join), _engines)
@settings(max_examples=400)
def test_whole_html_stays_whole(source: str, engine: Engine) -> None:
    before, after = _Outline.of(source), _Outline.of(render(source, engine))
    assert sorted(before.tags) == sorted(after.tags)
    assert after.is_nested
    assert before.comments == after.comments


@given(
    st.lists(
        st.one_of(_texts, st.sampled_from(["<b>", "</b>", "<a x='", "'>", "</i>", "<!--", "<", ">", "</"]))
    ).map("".join),
    _engines,
)
@settings(max_examples=400)
def test_broken_html_keeps_its_tags(source: str, engine: Engine) -> None:
    assert _characters(render(source, lambda text: text)) == _characters(source)
    assert len(re.findall(r"<(?=[a-z/!])", render(source, engine))) == len(
        re.findall(r"<(?=[a-z/!])", source)
    )


@given(st.lists(_nested, max_size=4).map("".join))
@settings(max_examples=200)
def test_the_text_stays_where_the_engine_changes_nothing(source: str) -> None:
    assert _words(render(source, lambda text: text)) == _words(source)


def _words(source: str) -> str:
    """Without tags and white space: sentences that were glued together have got a space."""
    return re.sub(r"\s", "", html.unescape(re.sub(r"<!--.*?-->|</?[a-z][^>]*>", "", source)))


def _characters(source: str) -> list[str]:
    return sorted(re.sub(r"\s", "", html.unescape(source)))


_TEXTS = st.lists(st.text(alphabet='اب.؟!\n\r "»«(1a،د', min_size=1, max_size=20), min_size=1, max_size=6)


@given(_TEXTS)
@settings(max_examples=400)
def test_no_text_of_a_list_changes_how_another_is_cut(texts: list[str]) -> None:
    together = translate(list(dict.fromkeys(texts)), lambda text: f"<{text}>")
    for text in texts:
        alone = translate([text], lambda text: f"<{text}>")
        assert together[text] == alone[text]
        assert PlainText(text).rendered(together) == PlainText(text).rendered(alone)


@given(st.text(alphabet='اب.؟!\n\r "»«(1a،د\u2028', max_size=40))
@settings(max_examples=400)
def test_white_space_stays_where_the_engine_changes_nothing(text: str) -> None:
    given_back = PlainText(text).rendered(translate([text], lambda source: source))
    assert [it for it in given_back if it != " "] == [it for it in text if it != " "]


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.is_nested = True
        self._open: list[str] = []

    @classmethod
    def of(cls, source: str) -> "_Outline":
        outline = cls()
        outline.feed(source)
        outline.close()
        return outline

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(self.get_starttag_text() or "")
        if tag not in ("br", "img"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")
        self.is_nested &= bool(self._open) and self._open.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)
