"""Recipes: those that ship can be read, and a slip in one is named."""

from pathlib import Path

import pytest

from models.training import recipe
from tests.unit.training import toy

SHIPPED = sorted((Path(recipe.__file__).parent / "recipes").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_recipe_weighs_news_most_in_its_last_stage(path: Path) -> None:
    weights = recipe.read(path).stages[-1].weights
    assert max(weights, key=weights.__getitem__) == "news"


def test_a_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    path = toy.write_recipe(tmp_path)
    path.write_text("warmth = 3\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(TypeError, match="warmth"):
        recipe.read(path)


def test_a_recipe_whose_stages_end_early_is_refused(tmp_path: Path) -> None:
    path = toy.write_recipe(tmp_path)
    path.write_text(path.read_text("utf-8").replace("until = 1.0", "until = 0.9"), "utf-8")
    with pytest.raises(ValueError, match=r"until 1\.0"):
        recipe.read(path)


def test_sampled_sources_cannot_be_linked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sampling_alpha"):
        recipe.read(toy.write_recipe(tmp_path, alignment=0.2, sampling_alpha=0.3))


def test_sources_may_be_sampled_once_the_alignment_has_done_its_part(tmp_path: Path) -> None:
    read = recipe.read(toy.write_recipe(tmp_path, guided_until=0.5, sampling_alpha=0.3))
    assert [read.alignment.guides(stage) for stage in read.stages] == [True, False]
    assert read.alignment.weight_at(0.25) == pytest.approx(0.1)


def test_guidance_ends_only_with_a_stage(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="where a stage ends"):
        recipe.read(toy.write_recipe(tmp_path, guided_until=0.4))


def test_patience_of_no_snapshot_is_refused(tmp_path: Path) -> None:
    path = toy.write_recipe(tmp_path)
    path.write_text("patience = 0\n" + path.read_text("utf-8"), "utf-8")
    with pytest.raises(ValueError, match="patience"):
        recipe.read(path)
