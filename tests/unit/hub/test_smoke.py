"""The smoke test: what cannot be a translation or a summary is told from what can."""

from collections.abc import Sequence
from itertools import cycle
from types import SimpleNamespace

import pytest

from models.engines.contract import EngineOptions
from models.hub.errors import HubError
from models.hub.smoke import SENTENCES, fault_of_summary, fault_of_translation, smoke
from models.installed import BUNDLED_TRANSLATION, open_model

SOURCE = SENTENCES[0]


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("The minister said today that the new plan is important for the country.", None),
        ("No.", None),
        ("", "it answers nothing"),
        ("  ", "it answers nothing"),
        (SOURCE, "it gives the source back"),
        ("the the the the the the the", "it repeats itself without end"),
        ("a plan for a plan for a plan for a plan for", "it repeats itself without end"),
        (SOURCE.replace("قال", "said"), "it leaves the text in Arabic"),
        (" ⁇  ⁇  ⁇ ", "it writes unknown signs"),
    ],
)
def test_what_cannot_be_a_translation(target: str, fault: str | None) -> None:
    assert fault_of_translation(SOURCE, target) == fault


@pytest.mark.parametrize(
    ("sentences", "fault"),
    [
        (["قال الوزير إن الخطة مهمة.", "وزار الرئيس القاهرة."], None),
        ([], "it answers nothing"),
        (list(SENTENCES), "it gives the article back, or its beginning"),
        (list(SENTENCES[:2]), "it gives the article back, or its beginning"),
        (["قال قال قال قال قال قال"], "it repeats itself without end"),
        (["The minister said so."], "its summary is not Arabic"),
    ],
)
def test_what_cannot_be_a_summary(sentences: list[str], fault: str | None) -> None:
    assert fault_of_summary(SENTENCES, sentences) == fault


class Saying:
    """A translator that answers always the same."""

    def __init__(self, *answers: str) -> None:
        self._answers = answers

    def translate(self, sources: Sequence[str], _heard: object) -> list[SimpleNamespace]:
        return [SimpleNamespace(text=text) for _, text in zip(sources, cycle(self._answers), strict=False)]


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        (["The same of it."], "the same"),
        (["The one of it.", "The other of it."], "the same answer"),
        (["Der Minister", "Ein Haus", "Das Wasser", "Eine Stadt", "Ja", "Nein"], "no English"),
    ],
)
def test_answers_that_do_not_differ_or_are_not_english_fail(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], fault: str
) -> None:
    monkeypatch.setattr("models.hub.smoke.open_translator", lambda *_: Saying(*answers))
    with pytest.raises(HubError, match=fault):
        smoke(open_model(BUNDLED_TRANSLATION), EngineOptions())


def test_a_language_that_the_vocabulary_lacks_fails() -> None:
    model = open_model(BUNDLED_TRANSLATION).model_copy(update={"target_token": ">>enx<<"})
    with pytest.raises(HubError, match="its vocabulary has no >>enx<<"):
        smoke(model, EngineOptions())


def test_the_bundled_model_passes() -> None:
    smoke(open_model(BUNDLED_TRANSLATION), EngineOptions())
