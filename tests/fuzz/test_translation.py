"""A translator gone mad: the step fails with a reason, or each segment has its English."""

import json
import re
from collections.abc import Sequence
from typing import Any, cast

from hypothesis import strategies as st

from jobs.errors import IncompleteTranslation
from models.article import Article
from models.engines import Engines
from models.engines.contract import Progress, Translation
from models.glossary import Glossary, Term
from models.installed import BUNDLED_TRANSLATION, open_model
from models.step import Context
from models.steps.translation import Translation as Step
from models.steps.translation import TranslationOptions
from tests.fuzz.conftest import Fuzz
from tests.fuzz.texts import articles, texts

_GLOSSARY = Glossary(terms=[Term(ar="كلمة", en="X1"), Term(ar="ا", en=""), Term(ar="وزير", en="[1]")])
_HALF = re.compile("[\ud800-\udfff]")  # of a character, which the API refuses
_MAD = st.sampled_from(
    ["", " ", "\n", "كلمة", "\x00", "\u202e", "x" * 10_000, "the " * 2_500, "[1] [2] X1", "\ud800"]
)


class Mad:
    """Gives what it has in turn, and more or fewer than it was asked for."""

    model = open_model(BUNDLED_TRANSLATION)
    fingerprint = "a double"

    def __init__(self, given: Sequence[str], surplus: int) -> None:
        self._given = given
        self._surplus = surplus

    def translator(self, _name: str | None) -> "Mad":
        return self

    def translate(self, sources: Sequence[str], _progress: Progress) -> list[Translation]:
        count = max(0, len(sources) + self._surplus)
        return [Translation(self._given[place % len(self._given)], place % 3 == 1) for place in range(count)]


def test_a_mad_translator_fails_the_step_or_gives_each_segment_its_english(fuzz: Fuzz) -> None:
    def law(drawn: tuple[str, list[str], int, bool]) -> None:
        text, given, surplus, has_glossary = drawn
        article = Article(text)
        shown: list[int] = []
        context = Context(
            cast("Engines", Mad(given, surplus)),
            {},
            lambda _done, _total: None,
            lambda done, _total, _part: shown.append(done),
        )
        options = TranslationOptions(glossary=_GLOSSARY if has_glossary else None)
        try:
            result, counts = Step().run(article, options, context)
        except IncompleteTranslation:
            return
        except ValueError:
            assert surplus  # the batch law is broken: a crash, of which nothing is kept
            return
        assert counts
        assert len(result.segments) == counts.segments_out == len(article.segments) == shown[-1]
        assert all(segment.target.strip() for segment in result.segments)
        _sent(result.model_dump(mode="json"))

    fuzz.hunt(
        st.tuples(
            articles.map(lambda text: _HALF.sub("\ufffd", text)),  # the API takes no half characters
            st.lists(_MAD | texts, min_size=1, max_size=4),
            st.sampled_from([0, 0, 0, 1, -1]),
            st.booleans(),
        ),
        law,
    )


def _sent(result: dict[str, Any]) -> None:
    """As it goes to Redis and to the client."""
    assert json.loads(json.dumps(result, ensure_ascii=False).encode("utf-8")) == result
