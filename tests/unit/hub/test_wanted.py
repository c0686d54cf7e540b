"""What is wanted: a name, a hub id or a folder."""

from pathlib import Path

import pytest

from models.catalog import read_catalog
from models.hub.errors import HubError
from models.hub.wanted import find

CATALOG = read_catalog()


@pytest.mark.parametrize("text", ["m2m100-418m", "facebook/m2m100_418M"])
def test_a_known_model_is_found_by_its_name_and_its_hub_id(text: str) -> None:
    wanted = find(text, CATALOG)
    assert (wanted.name, wanted.hub_id) == ("m2m100-418m", "facebook/m2m100_418M")
    assert wanted.revision == CATALOG["m2m100-418m"].revision


def test_any_other_model_of_the_hub_is_called_after_its_id() -> None:
    wanted = find("someone/Some-Model", CATALOG)
    assert (wanted.name, wanted.hub_id, wanted.revision) == ("Some-Model", "someone/Some-Model", "main")


def test_a_folder_is_called_after_itself_or_as_one_likes(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    assert find(str(folder), CATALOG).name == "ours"
    assert find(str(folder), CATALOG, name="theirs").name == "theirs"
    assert find(str(folder), CATALOG).directory == folder


def test_a_revision_given_comes_before_the_catalogs() -> None:
    assert find("m2m100-418m", CATALOG, revision="main").revision == "main"


@pytest.mark.parametrize(
    "text", ["nothing", "a/b/c", "../nowhere", "", "toy/a--b", "toy/..", "toy/x.git", "toy/x-"]
)
def test_what_is_none_of_them_is_refused(text: str) -> None:
    with pytest.raises(HubError, match="khulasa models list"):
        find(text, CATALOG)


@pytest.mark.parametrize("name", ["khulasa-ar-en-draft", "khulasa-extractive-1"])
def test_the_names_of_what_comes_with_khulasa_are_taken(name: str) -> None:
    with pytest.raises(HubError, match="comes with Khulasa"):
        find("someone/model", CATALOG, name=name)


def test_a_catalog_may_name_a_folder_beside_it(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text('[ours]\ndirectory = "checkpoint"\n')
    wanted = find("ours", read_catalog([tmp_path / "ours.toml"]))
    assert (wanted.hub_id, wanted.directory) == (None, tmp_path / "checkpoint")


def test_a_hub_id_is_no_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "someone" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert find("someone/model", CATALOG).hub_id == "someone/model"
    assert find("./someone/model", CATALOG).directory == Path("someone/model")
