"""Steps: found by being there."""

from pathlib import Path

import pytest

from models.steps import load_steps

DOUBLE = """
from models.step import NoOptions, Step, StepModel

class Empty(StepModel):
    text: str

class Own(Step[NoOptions, Empty]):
    name = {name!r}
    queue = "summary"
    after = {after!r}
    options = NoOptions
    result = Empty

    def run(self, article, options, context):
        return Empty(text=""), None
"""


def write(folder: Path, name: str, after: tuple[str, ...] = ()) -> None:
    (folder / f"{name}_file.py").write_text(DOUBLE.format(name=name, after=after))


def test_a_step_comes_after_those_that_it_needs(tmp_path: Path) -> None:
    write(tmp_path, "aaa", after=("english_summary",))
    order = list(load_steps(tmp_path))
    assert order.index("summary") < order.index("english_summary") < order.index("aaa")


def test_two_steps_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "summary")
    with pytest.raises(ValueError, match="two steps are named summary"):
        load_steps(tmp_path)


def test_a_step_that_needs_one_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "orphan", after=("nothing",))
    with pytest.raises(ValueError, match="orphan"):
        load_steps(tmp_path)
