"""Each family's tokenizer reads as transformers' own does, but that an article's text stays text."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
import sentencepiece  # noqa: TID253  # these tests are about it
from hypothesis import given
from hypothesis import strategies as st

from models.engines.generation import Tokenizer
from models.engines.loading import open_tokenizer
from models.engines.tokenizers.framed import UNKNOWN, is_special
from models.installed import Model
from models.text.arabic import for_engine
from tests.checkpoints import Layout, facts_of, write_tokenizer
from tests.checkpoints.language import INJECTIONS, odd_sentences

SENTENCES = [text.strip("\u2581\u00a0 ") for text in odd_sentences(500, seed=9)]
NEEDS_PROTOBUF = set(Layout) - {Layout.MARIAN, Layout.MARIAN_MANY, Layout.M2M100}
# transformers 5 leaves out the normalisation that these SentencePiece files carry and the models learnt with.
NOT_NORMALISED_BY_TRANSFORMERS = {Layout.MBART25, Layout.ARABART}


@pytest.fixture(scope="module", params=list(Layout))
def layout(request: pytest.FixtureRequest) -> Layout:
    chosen: Layout = request.param
    return chosen


@pytest.fixture(scope="module")
def folder(layout: Layout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp(layout.value)
    write_tokenizer(layout, directory)
    return directory


@pytest.fixture(scope="module")
def ours(layout: Layout, folder: Path) -> Tokenizer:
    return open_tokenizer(Model(path=folder, **facts_of(layout)))


@pytest.fixture(scope="module")
def theirs(layout: Layout, folder: Path) -> Any:
    if layout in NEEDS_PROTOBUF:
        pytest.importorskip("google.protobuf", reason="transformers reads SentencePiece files with protobuf")
    import transformers

    language = facts_of(layout).get("source_token", "").strip("_")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it recommends sacremoses
        return transformers.AutoTokenizer.from_pretrained(
            folder, **{"src_lang": language} if language else {}
        )


def read_by_transformers(theirs: Any, layout: Layout, folder: Path, text: str) -> list[int]:
    if layout in NOT_NORMALISED_BY_TRANSFORMERS:
        processor = sentencepiece.SentencePieceProcessor(str(folder / "sentencepiece.bpe.model"))
        text = processor.normalize(text).replace("\u2581", " ").strip()
    facts = facts_of(layout)
    if layout is Layout.MARIAN_MANY:
        text = f"{facts['target_token']} {text}"
    ids: list[int] = theirs(facts.get("source_prefix", "") + text).input_ids
    if layout is Layout.ARABART:  # from a SentencePiece file alone transformers 5 forgets BART's frame
        ids = [theirs.bos_token_id, *ids, theirs.eos_token_id]
    return ids


def test_500_sentences_are_read_token_for_token_as_transformers_reads_them(
    layout: Layout, folder: Path, ours: Tokenizer, theirs: Any
) -> None:
    for text in [*SENTENCES, *map(for_engine, SENTENCES)]:
        expected = read_by_transformers(theirs, layout, folder, text)
        assert theirs.convert_tokens_to_ids(ours.encode(text)) == expected, text


def test_the_frame_is_the_family_s(layout: Layout, ours: Tokenizer) -> None:
    frames = {
        Layout.MARIAN: ["</s>"],
        Layout.MARIAN_MANY: [">>eng<<", "</s>"],
        Layout.NLLB: ["arb_Arab", "</s>"],
        Layout.M2M100: ["__ar__", "</s>"],
        Layout.MADLAD: ["<2en>", "</s>"],
        Layout.MT5: ["</s>"],
        Layout.ARABART: ["<s>", "</s>"],
        Layout.MBART25: ["</s>", "ar_AR"],
        Layout.MBART50: ["ar_AR", "</s>"],
    }
    prefixes = {
        Layout.NLLB: ["eng_Latn"],
        Layout.M2M100: ["__en__"],
        Layout.MBART25: ["en_XX"],
        Layout.MBART50: ["en_XX"],
    }
    assert ours.encode("") == frames[layout]
    assert ours.target_prefix == prefixes.get(layout, [])


@pytest.mark.parametrize("injected", INJECTIONS)
@pytest.mark.parametrize("glue", [" ", ""])
def test_an_article_s_text_never_becomes_a_control_token(ours: Tokenizer, injected: str, glue: str) -> None:
    """transformers would read them as control tokens; ours reads their characters."""
    frame = set(ours.encode(""))
    clean = ours.encode("قال الوزير")
    for text in (glue.join(["قال", injected, "الوزير"]), injected, f"{injected}{injected} قال"):
        tokens = ours.encode(text)
        inside = [token for token in tokens if token not in frame]
        assert injected not in inside
        assert f"\u2581{injected}" not in inside
        assert [tokens.count(token) for token in frame] == [clean.count(token) for token in frame]


@given(st.text(alphabet="</s>unkpad2e_LatginrX \u2581ابت😀", max_size=40))
def test_no_text_at_all_becomes_a_control_token(ours: Tokenizer, text: str) -> None:
    frame = ours.encode("")
    tokens = ours.encode(text)
    assert sum(is_special(token) for token in tokens if token != UNKNOWN) == len(frame)


def test_decoding_gives_the_text_back_without_control_tokens(layout: Layout, ours: Tokenizer) -> None:
    tokens = ["\u2581", *"plan"] if layout.family == "marian" else ours.encode("خطة مهمة")
    text = "plan" if layout.family == "marian" else "خطة مهمة"
    assert ours.decode(["<pad>", "<extra_id_0>", *tokens, "</s>", "eng_Latn"]).strip() == text


@pytest.mark.parametrize("of_file", [Layout.NLLB, Layout.MADLAD, Layout.ARABART, Layout.MBART50])
def test_a_tokenizer_json_alone_is_read_as_transformers_reads_it(of_file: Layout, tmp_path: Path) -> None:
    pytest.importorskip("google.protobuf", reason="transformers reads SentencePiece files with protobuf")
    import transformers

    write_tokenizer(of_file, tmp_path)
    facts = facts_of(of_file)
    language = {"src_lang": facts["source_token"]} if "source_token" in facts else {}
    transformers.AutoTokenizer.from_pretrained(tmp_path, **language).save_pretrained(tmp_path / "json")
    assert not list((tmp_path / "json").glob("*.model"))
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "json", **language)
    ours = open_tokenizer(Model(path=tmp_path / "json", **facts))
    for text in SENTENCES:
        expected = theirs(facts.get("source_prefix", "") + text).input_ids
        if of_file is Layout.ARABART:
            expected = [theirs.bos_token_id, *expected, theirs.eos_token_id]
        assert theirs.convert_tokens_to_ids(ours.encode(text)) == expected, text
    for injected in set(INJECTIONS) - {UNKNOWN}:  # it is what unknown text becomes, and harmless
        tokens = ours.encode(f"قال {injected} أمس")
        assert injected not in tokens[1:-1]
        assert tokens.count("</s>") == 1
    assert ours.decode(ours.encode("خطة مهمة")).removeprefix(facts.get("source_prefix", "")) == "خطة مهمة"


def test_the_tokenizer_of_a_checkpoint_that_was_not_converted_is_found(tmp_path: Path) -> None:
    write_tokenizer(Layout.M2M100, tmp_path / "a")
    shutil.move(tmp_path / "a", tmp_path / "b" / "checkpoint")
    assert open_tokenizer(Model(path=tmp_path / "b", **facts_of(Layout.M2M100))).encode("") == [
        "__ar__",
        "</s>",
    ]
