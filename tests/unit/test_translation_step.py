"""The translation step: it checks what it made, and says what its translator told it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import pytest

from jobs.errors import IncompleteTranslation
from models.article import Article
from models.engines import Engines
from models.engines.contract import Progress, Translation
from models.installed import BUNDLED_TRANSLATION, open_model
from models.step import Context
from models.steps.translation import Translation as Step
from models.steps.translation import TranslationOptions

ARTICLE = Article("وصل الوفد إلى القاهرة. وغادر الوزير المدينة.")
GOOD = Translation("The delegation arrived in Cairo.", False)


class Giving:
    """A translator that gives these, whatever it is asked, and the engines that have it."""

    model = open_model(BUNDLED_TRANSLATION)
    fingerprint = "a double"

    def __init__(self, *given: Translation) -> None:
        self.given = list(given)

    def translator(self, _name: str | None) -> "Giving":
        return self

    def translate(self, _sources: Sequence[str], _progress: Progress) -> list[Translation]:
        return self.given


def unheard(_done: int, _total: int, _part: Mapping[str, Any] | None = None) -> None:
    pass


def unseen(*_: Any) -> None:
    raise AssertionError("nobody may see a translation that is not whole")


def run(*given: Translation, show: Callable[..., None] = unheard) -> tuple[list[list[str]], Any]:
    context = Context(cast("Engines", Giving(*given)), {}, unheard, show)
    result, counts = Step().run(ARTICLE, TranslationOptions(), context)
    return [segment.flags for segment in result.segments], counts


def test_a_segment_without_english_fails_the_step() -> None:
    with pytest.raises(IncompleteTranslation, match="segment 1 has no English"):
        run(GOOD, Translation(" ", False), show=unseen)


def test_a_cut_segment_says_so_and_is_counted() -> None:
    flags, counts = run(GOOD, Translation("The minister left the city", True))
    assert flags == [[], ["truncated"]]
    assert (counts.truncated, counts.flagged) == (1, 1)


def test_a_second_try_is_told_beside_what_is_still_wrong() -> None:
    flags, counts = run(
        Translation("The delegation arrived in Cairo.", False, retried=True),
        Translation("The minister left المدينة.", False, retried=True),
    )
    assert flags == [["retried"], ["untranslated", "retried"]]
    assert counts.flagged == 2
