"""The manifest of what no catalog knows: what the checkpoint's files tell."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.catalog import Family, read_catalog
from models.hub.errors import HubError
from models.hub.manifest import facts_of, read
from models.hub.wanted import Wanted, find

UNKNOWN = Wanted("ours", hub_id="we/ours")


def checkpoint(folder: Path, **config: Any) -> Path:
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("family", "step", "source", "target"),
    [
        (Family.MARIAN, "translation", None, None),
        (Family.NLLB, "translation", "arb_Arab", "eng_Latn"),
        (Family.M2M100, "translation", "__ar__", "__en__"),
        (Family.T5, "summary", None, None),
        (Family.MBART, "summary", None, None),
    ],
)
def test_a_family_is_used_as_it_is_commonly_used(
    tmp_path: Path, family: Family, step: str, source: str | None, target: str | None
) -> None:
    facts = facts_of(UNKNOWN, checkpoint(tmp_path), family, step=None, licence=None)
    assert (facts.step, facts.source_token, facts.target_token) == (step, source, target)
    assert facts.target_language == ("ar" if step == "summary" else "en")


def test_a_t5_that_knows_the_language_token_translates(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"vocab": {"<2en>": 3}}')
    facts = facts_of(UNKNOWN, checkpoint(tmp_path), Family.T5, step=None, licence=None)
    assert (facts.step, facts.source_prefix) == ("translation", "<2en> ")


def test_an_mbart_that_is_said_to_translate_gets_its_languages(tmp_path: Path) -> None:
    facts = facts_of(UNKNOWN, checkpoint(tmp_path), Family.MBART, step="translation", licence=None)
    assert (facts.source_token, facts.target_token) == ("ar_AR", "en_XX")


@pytest.mark.parametrize(("licence", "non_commercial"), [("mit", False), ("cc-by-nc-4.0", True)])
def test_the_cards_licence_says_whether_it_may_be_sold(
    tmp_path: Path, licence: str, non_commercial: bool
) -> None:
    facts = facts_of(UNKNOWN, checkpoint(tmp_path), Family.MARIAN, step=None, licence=licence)
    assert (facts.licence, facts.non_commercial) == (licence, non_commercial)


def test_neither_a_source_nor_its_translation_is_longer_than_there_are_positions(tmp_path: Path) -> None:
    known = find("arabart-xlsum", read_catalog())
    short = checkpoint(tmp_path, max_position_embeddings=128)
    assert facts_of(known, short, Family.MBART, step=None, licence=None).max_source_tokens == 128
    assert facts_of(UNKNOWN, short, Family.MARIAN, step=None, licence=None).max_source_tokens == 32


@pytest.mark.parametrize("positions", [None, "many", [512]])
def test_positions_that_are_no_number_are_taken_for_common_ones(tmp_path: Path, positions: Any) -> None:
    folder = checkpoint(tmp_path, max_position_embeddings=positions)
    assert facts_of(UNKNOWN, folder, Family.MARIAN, step=None, licence=None).max_source_tokens == 256


@pytest.mark.parametrize("text", ["[]", '{"sha256": ["x"]}', "3"])
def test_what_is_no_manifest_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(HubError, match="it is no manifest"):
        read(tmp_path)
