"""The command of the flags: how often each is raised, and how much damage each one tells."""

import random
from pathlib import Path

import pytest

from models.evaluation.damage import DAMAGES, Damage
from models.evaluation.flags import caught, main, raised

SOURCES = [
    "هل وصل 12 وزيرا ومعهم ممثلون عن منظمة NATO إلى العاصمة في 3 شباط لحضور المؤتمر؟",
    "قال الوزير إن الأسعار لم ترتفع بنسبة 5٪ وإن الخسائر بلغت ثلاثة ملايين!",
]
GOOD = [
    "Did 12 ministers and NATO representatives arrive in the capital on 3 February to attend the conference?",
    "The minister said that prices did not rise by 5% and that losses reached three million!",
]
PAIRS = list(zip(SOURCES, GOOD, strict=True))


def test_the_share_of_each_flag_stands_beside_its_count() -> None:
    table = raised({"good": PAIRS, "bad": [(SOURCES[0], GOOD[0]), (SOURCES[1], GOOD[1].replace("5", "6"))]})
    assert "| flag | good | bad |" in table
    assert "| `number-mismatch` | 0.0 % (0 of 2) | 50.0 % (1 of 2) |" in table
    assert "| any | 0.0 % (0 of 2) | 50.0 % (1 of 2) |" in table


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_each_damage_changes_a_sentence_and_is_caught(damage: Damage) -> None:
    table = caught(PAIRS, seed=1)
    [line] = [line for line in table.splitlines() if line.startswith(f"| {damage.name} |")]
    assert "100.0 %" in line


def test_the_same_seed_does_the_same_damage() -> None:
    assert caught(PAIRS, seed=1) == caught(PAIRS, seed=1)
    for damage in DAMAGES:
        first, second = (damage.do(*PAIRS[0], random.Random(3)) for _ in range(2))
        assert first == second


def test_the_command_prints_both_tables_and_shows_the_pairs_of_a_flag(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, lines in {"ar": SOURCES, "en": GOOD, "peer.en": [GOOD[0], "Prices rose."]}.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    files = ["--source", str(tmp_path / "ar"), "--reference", str(tmp_path / "en")]
    assert main([*files, "--hypotheses", str(tmp_path / "peer.en")]) == 0
    shown = capsys.readouterr().out
    assert "| flag | en | peer.en |" in shown
    assert "| damage | flag | caught |" in shown
    files[-1] = str(tmp_path / "peer.en")
    assert main([*files, "--examples", "number-mismatch"]) == 0
    assert capsys.readouterr().out == f"2\t{SOURCES[1]}\tPrices rose.\n"


def test_files_that_are_not_line_for_line_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ar").write_text("\n".join(SOURCES), "utf-8")
    (tmp_path / "en").write_text(GOOD[0], "utf-8")
    with pytest.raises(ValueError, match="1 lines for 2 sources"):
        main(["--source", str(tmp_path / "ar"), "--reference", str(tmp_path / "en")])
