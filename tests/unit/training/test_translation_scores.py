"""Scoring translations: sacrebleu's figures beside what must survive a translation."""

from pathlib import Path

import pytest

from models.evaluation.__main__ import main
from models.evaluation.translation import score, table

pytest.importorskip("sacrebleu")

SOURCES = ["وصل 12 وزيرا إلى العاصمة.", "هل وصل الوفد؟", "غادر الوفد أمس المدينة."]
REFERENCES = [
    "12 ministers arrived in the capital.",
    "Has the delegation arrived?",
    "The delegation left yesterday.",
]


def test_the_reference_itself_scores_full_marks() -> None:
    result = score("reference", SOURCES, REFERENCES, REFERENCES)
    assert result.bleu == pytest.approx(100.0)
    assert result.chrf == pytest.approx(100.0)
    assert set(result.fidelity.values()) == {1.0}


def test_each_loss_lowers_the_share_of_its_own_check() -> None:
    hypotheses = ["Ministers arrived in the capital.", "The delegation arrived.", "غادر الوفد yesterday."]
    fidelity = score("lossy", SOURCES, hypotheses, REFERENCES).fidelity
    assert fidelity["numbers kept"] == pytest.approx(2 / 3)
    assert fidelity["questions kept"] == pytest.approx(2 / 3)
    assert fidelity["no Arabic left"] == pytest.approx(2 / 3)
    assert fidelity["no repetition"] == 1.0


def test_a_missing_line_is_an_error_and_not_a_shift() -> None:
    with pytest.raises(ValueError, match="short: 3 sources, 2 and 3 lines"):
        score("short", SOURCES, REFERENCES[:2], REFERENCES)


def test_the_table_has_a_row_a_system_and_says_how_it_was_measured() -> None:
    text = table([score(name, SOURCES, REFERENCES, REFERENCES) for name in ("one", "two")])
    assert [line.split(" | ")[0] for line in text.splitlines()[2:4]] == ["| one", "| two"]
    assert text.count("version:") == 2


def test_peers_outputs_become_rows_named_after_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, lines in {"ar": SOURCES, "en": REFERENCES, "set.peer.en": REFERENCES}.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    texts = ["--source", str(tmp_path / "ar"), "--reference", str(tmp_path / "en")]
    assert main([*texts, "--hypotheses", str(tmp_path / "set.peer.en")]) == 0
    assert "| peer | 100.0 | 100.0 |" in capsys.readouterr().out
