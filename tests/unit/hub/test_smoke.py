"""The smoke test: what cannot be a translation or a summary is told from what can."""

import pytest

from models.engines.contract import EngineOptions
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
        (list(SENTENCES), "it gives the article back"),
        (["قال قال قال قال قال قال"], "it repeats itself without end"),
        (["The minister said so."], "its summary is not Arabic"),
    ],
)
def test_what_cannot_be_a_summary(sentences: list[str], fault: str | None) -> None:
    assert fault_of_summary(SENTENCES, sentences) == fault


def test_the_bundled_model_passes() -> None:
    smoke(open_model(BUNDLED_TRANSLATION), EngineOptions())
