"""The one rule: which model does a step."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import BrokenModel, NoSummaryModel, NoTranslationModel, UnknownModel
from models.engines.selection import Selection
from models.installed import BUNDLED_TRANSLATION, open_model

BUNDLED = open_model(BUNDLED_TRANSLATION).name


def install(models: Path, name: str, **facts: Any) -> Path:
    folder = models / name
    folder.mkdir(parents=True)
    for file in ("model.bin", "config.json", "source.spm", "target.spm"):
        (folder / file).write_bytes(b"{}")
    (folder / "manifest.json").write_text(json.dumps({"name": name, **facts}))
    return folder


def names(selection: Selection) -> list[str]:
    return [model.name for model in selection.available()]


def translation(models: Path, setting: str | None = None) -> Selection:
    return Selection("translation", models, setting)


def test_with_nothing_installed_the_bundled_model_translates_and_nothing_summarises(tmp_path: Path) -> None:
    assert translation(tmp_path / "none").choose().name == BUNDLED
    assert names(Selection("summary", tmp_path / "none", None)) == []
    with pytest.raises(NoSummaryModel, match="KHULASA_SUMMARY_MODEL"):
        Selection("summary", tmp_path / "none", None).choose()


def test_the_best_installed_goes_before_the_bundled(tmp_path: Path) -> None:
    install(tmp_path, "poor", quality=50.0)
    install(tmp_path, "good", quality=60.0)
    install(tmp_path, "unmeasured")
    assert names(translation(tmp_path)) == ["good", "poor", "unmeasured", BUNDLED]


def test_the_setting_goes_before_the_best_by_name_or_by_folder(tmp_path: Path) -> None:
    folder = install(tmp_path, "poor", quality=50.0)
    install(tmp_path, "good", quality=60.0)
    for setting in ("poor", str(folder)):
        assert translation(tmp_path, setting).choose().name == "poor"
        assert names(translation(tmp_path, setting)) == ["poor", "good", BUNDLED]
    assert translation(tmp_path, BUNDLED).choose().name == BUNDLED


def test_the_request_goes_before_the_setting(tmp_path: Path) -> None:
    install(tmp_path, "poor", quality=50.0)
    install(tmp_path, "good", quality=60.0)
    assert translation(tmp_path, "good").choose("poor").name == "poor"


def test_a_name_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    install(tmp_path, "good")
    with pytest.raises(UnknownModel, match=f"good, {BUNDLED}") as caught:
        translation(tmp_path).choose("bad")
    assert caught.value.fields[0][0] == "/options/translation/model"


def test_a_setting_that_names_nothing_is_an_error_and_is_not_replaced_in_silence(tmp_path: Path) -> None:
    install(tmp_path, "good")
    with pytest.raises(NoTranslationModel, match="KHULASA_TRANSLATION_MODEL"):
        translation(tmp_path, "gone").choose()
    (install(tmp_path, "half") / "target.spm").unlink()
    with pytest.raises(BrokenModel, match=r"target\.spm"):
        translation(tmp_path, str(tmp_path / "half")).choose()


def test_a_broken_model_is_passed_over(tmp_path: Path) -> None:
    (install(tmp_path, "best", quality=99.0) / "config.json").unlink()
    install(tmp_path, "good")
    assert names(translation(tmp_path)) == ["good", BUNDLED]


def test_models_of_another_step_or_language_are_not_offered(tmp_path: Path) -> None:
    install(tmp_path, "writer", step="summary", target_language="ar", quality=99.0)
    install(tmp_path, "english-french", source_language="en", target_language="fr", quality=99.0)
    assert names(translation(tmp_path)) == [BUNDLED]
    assert names(Selection("summary", tmp_path, None)) == ["writer"]


def test_a_model_pulled_later_counts_at_once(tmp_path: Path) -> None:
    selection = translation(tmp_path)
    assert selection.choose().name == BUNDLED
    install(tmp_path, "good")
    assert selection.choose().name == "good"


def test_a_setting_that_names_a_model_of_another_step_is_refused(tmp_path: Path) -> None:
    folder = install(tmp_path, "translator")
    install(tmp_path, "writer", step="summary", target_language="ar")
    for setting in ("translator", str(folder)):
        with pytest.raises(BrokenModel, match="KHULASA_SUMMARY_MODEL: translator is a translation model"):
            Selection("summary", tmp_path, setting).choose()


def test_the_default_is_none_where_the_setting_names_nothing_though_others_are_there(tmp_path: Path) -> None:
    install(tmp_path, "good")
    assert translation(tmp_path).default_name() == "good"
    assert translation(tmp_path, "gone").default_name() is None
    assert names(translation(tmp_path, "gone")) == ["good", BUNDLED]
    assert translation(tmp_path, "gone").is_set
    assert not translation(tmp_path).is_set


def test_a_folder_that_cannot_be_read_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install(tmp_path, "best", quality=99.0)
    install(tmp_path, "good")
    read = Path.read_text

    def refuse(path: Path, *arguments: Any, **options: Any) -> str:
        if path.parent == folder:
            raise PermissionError(13, "Permission denied")
        return read(path, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", refuse)  # a test may run as root, to whom nothing is forbidden
    assert names(translation(tmp_path)) == ["good", BUNDLED]
    with pytest.raises(BrokenModel, match="Permission denied"):
        translation(tmp_path, str(folder)).choose()
