"""What a run leaves on disk: whole, and known to belong to it."""

from pathlib import Path

import pytest

from models.training.checkpoint import ForeignFile, remove, require_same, whole


def _write(path: Path, text: str, error: type[BaseException] | None = None) -> None:
    with whole(path) as fresh:
        fresh.mkdir()
        (fresh / "weights").write_text(text)
        if error:
            raise error


def test_what_was_there_stays_until_its_successor_is_whole(tmp_path: Path) -> None:
    best = tmp_path / "best"
    _write(best, "old")
    with pytest.raises(KeyboardInterrupt):
        _write(best, "half", KeyboardInterrupt)
    assert (best / "weights").read_text() == "old"
    assert list(tmp_path.glob("best*")) == [best]


def test_a_successor_takes_the_place_of_a_file_or_a_directory_and_of_halves_beside_it(tmp_path: Path) -> None:
    half = tmp_path / ".new-best"
    half.mkdir()
    (half / "rubbish").touch()
    for text in ("old", "new"):
        _write(tmp_path / "best", text)
        with whole(tmp_path / "file.npz") as fresh:
            assert fresh.suffix == ".npz"
            fresh.write_text(text)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == {
        "best/weights",
        "file.npz",
    }
    assert (tmp_path / "best" / "weights").read_text() == (tmp_path / "file.npz").read_text() == "new"


def test_what_is_not_there_can_be_removed(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")


def test_a_file_made_with_something_else_is_named_with_the_remedy() -> None:
    require_same(Path("resume.pt"), {"source.spm": "1", "more": "2"}, {"source.spm": "1"})
    with pytest.raises(
        ForeignFile, match=r"^run/resume\.pt was made with another source\.spm: delete it, or"
    ):
        require_same(Path("run/resume.pt"), {"source.spm": "1"}, {"source.spm": "2"})
