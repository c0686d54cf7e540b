"""The catalog: what is known by name, and what an operator adds."""

import re
from pathlib import Path

import pytest

from models.catalog import read_catalog


def test_the_known_models_are_pinned_and_say_what_they_cost() -> None:
    known = read_catalog()
    assert {
        "opus-mt-ar-en",
        "nllb-200-distilled-600m",
        "nllb-200-distilled-1.3b",
        "m2m100-418m",
        "madlad400-3b",
        "mt5-xlsum",
    } <= set(known)
    for entry in known.values():
        assert re.fullmatch(r"[0-9a-f]{40}", entry.revision)
        assert entry.parameters
        assert entry.disk_mb
        assert entry.memory_mb
        assert entry.licence != "not stated"


def test_every_licence_that_forbids_commerce_is_marked() -> None:
    for entry in read_catalog().values():
        assert entry.non_commercial == ("-NC" in entry.licence)


def test_both_steps_have_a_model() -> None:
    languages = {
        (entry.step, entry.source_language, entry.target_language) for entry in read_catalog().values()
    }
    assert languages == {("translation", "ar", "en"), ("summary", "ar", "ar")}


def test_an_operators_file_adds_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('[ours]\nhub_id = "we/ours"\n[m2m100-418m]\nhub_id = "we/m2m"\nfamily = "m2m100"\n')
    catalog = read_catalog([path])
    assert catalog["ours"].hub_id == "we/ours"
    assert catalog["m2m100-418m"].hub_id == "we/m2m"
    assert "mt5-xlsum" in catalog


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ours]\nhub_id = 3", "entry ours, hub_id"),
        ('[ours]\nhub_id = "we/ours"\nfamily = "gpt"', "entry ours, family"),
        ('[ours]\nhub_id = "we/ours"\nlicense = "MIT"', "entry ours, license"),
        ("[ours]\nquality = 3", "entry ours: .*either hub_id or directory"),
        ("ours = 3", "ours is no entry"),
        ("[ours", "cannot be read"),
    ],
)
def test_a_mistake_names_the_file_the_entry_and_the_field(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        read_catalog([path])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value).replace(str(caught.value.__cause__), "")
