"""The CTranslate2 engine with the bundled model: one translation for each source, in order."""

import random

import pytest

from models.engines.contract import EngineOptions
from models.engines.ctranslate2 import CTranslate2Translator
from models.installed import BUNDLED_TRANSLATION, open_model
from models.text.segments import split

BUDGET = 128


@pytest.fixture(scope="module")
def translator() -> CTranslate2Translator:
    return CTranslate2Translator(
        open_model(BUNDLED_TRANSLATION), EngineOptions(beam_size=1, batch_tokens=BUDGET)
    )


def unheard(_done: int, _total: int) -> None:
    pass


def sentences(seed_texts: list[str]) -> list[str]:
    return [text[it.start : it.end] for text in seed_texts for it in split(text)]


def test_translations_come_in_the_order_of_their_sources(
    translator: CTranslate2Translator, seed_texts: list[str]
) -> None:
    sources = sentences(seed_texts)
    order = list(range(len(sources)))
    random.Random(7).shuffle(order)
    straight = translator.translate(sources, unheard)
    shuffled = translator.translate([sources[index] for index in order], unheard)
    same = sum(straight[index] == other for index, other in zip(order, shuffled, strict=True))
    # Rounding may differ with a sentence's companions in its batch, hence not all.
    assert same >= 0.9 * len(sources)


def test_progress_never_falls_and_ends_with_every_source_done(
    translator: CTranslate2Translator, seed_texts: list[str]
) -> None:
    sources = sentences(seed_texts)
    heard: list[tuple[int, int]] = []
    translator.translate(sources, lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == (len(sources), len(sources))


def test_what_progress_raises_ends_the_work(translator: CTranslate2Translator, seed_texts: list[str]) -> None:
    calls = 0

    def cancel(_done: int, _total: int) -> None:
        nonlocal calls
        calls += 1
        raise InterruptedError

    with pytest.raises(InterruptedError):
        translator.translate(sentences(seed_texts), cancel)
    assert calls == 1


@pytest.mark.parametrize(
    "source", ["Reuters", "12.5 %", "😀", "https://example.com/?a=1", "\u200f", "\ufe70", "***"]
)
def test_what_has_no_arabic_letter_is_passed_through(translator: CTranslate2Translator, source: str) -> None:
    between = translator.translate(["قال الوزير", source, "كتاب"], unheard)
    assert between[1].text == source
    assert not between[1].truncated
    assert between[0].text
    assert between[2].text


def test_an_endless_sentence_is_cut_into_pieces_and_not_truncated(translator: CTranslate2Translator) -> None:
    source = " ".join(["قال الوزير إن الخطة الجديدة مهمة"] * 60)
    limit = translator.model.max_source_tokens
    assert len(translator._encode(source)) > 3 * limit
    pieces = translator._pieces(source)
    assert max(len(translator._encode(piece)) for piece in pieces) <= limit
    assert " ".join(pieces) == source
    [target] = translator.translate([source], unheard)
    assert len(target.text.split()) > 60


def test_no_sources_give_no_translations(translator: CTranslate2Translator) -> None:
    assert translator.translate([], unheard) == []
