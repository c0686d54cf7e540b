"""The translator of segments: one translation for each source, in order, within the memory there is."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions
from models.engines.generation import Decoding, EngineOutOfMemory, Output, Tokens
from models.engines.loading import open_translator
from models.engines.translator import SegmentTranslator
from models.installed import BUNDLED_TRANSLATION, Model, open_model
from models.text.segments import split

BUDGET = 128


@pytest.fixture(scope="module")
def translator() -> SegmentTranslator:
    options = EngineOptions(beam_size=1, batch_tokens=BUDGET)
    opened = open_translator(open_model(BUNDLED_TRANSLATION), options)
    assert isinstance(opened, SegmentTranslator)
    return opened


def unheard(_done: int, _total: int) -> None:
    pass


def sentences(seed_texts: list[str]) -> list[str]:
    return [text[it.start : it.end] for text in seed_texts for it in split(text)]


def test_translations_come_in_the_order_of_their_sources(
    translator: SegmentTranslator, seed_texts: list[str]
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
    translator: SegmentTranslator, seed_texts: list[str]
) -> None:
    sources = sentences(seed_texts)
    heard: list[tuple[int, int]] = []
    translator.translate(sources, lambda done, total: heard.append((done, total)))
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == (len(sources), len(sources))


def test_what_progress_raises_ends_the_work(translator: SegmentTranslator, seed_texts: list[str]) -> None:
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
def test_what_has_no_arabic_letter_is_passed_through(translator: SegmentTranslator, source: str) -> None:
    between = translator.translate(["قال الوزير", source, "كتاب"], unheard)
    assert between[1].text == source
    assert not between[1].truncated
    assert between[0].text
    assert between[2].text


def test_an_endless_sentence_is_cut_into_pieces_and_not_truncated(translator: SegmentTranslator) -> None:
    source = " ".join(["قال الوزير إن الخطة الجديدة مهمة"] * 60)
    limit = translator.model.max_source_tokens
    assert len(translator._tokenizer.encode(source)) > 3 * limit
    pieces = translator._pieces(source)
    assert max(len(translator._tokenizer.encode(piece)) for piece in pieces) <= limit
    assert " ".join(pieces) == source
    [target] = translator.translate([source], unheard)
    assert len(target.text.split()) > 60


def test_no_sources_give_no_translations(translator: SegmentTranslator) -> None:
    assert translator.translate([], unheard) == []


LATIN = {letter: chr(ord("a") + letter % 26) for letter in range(0x621, 0x64B)}


class Words:
    """A tokenizer of words, with an end; its English is the Arabic in Latin letters."""

    target_prefix = ["to"]  # noqa: RUF012  # a protocol's property, as plainly as it goes

    def encode(self, text: str) -> Tokens:
        return [*text.split(), "</s>"]

    def decode(self, tokens: Sequence[str]) -> str:
        return " ".join(tokens).translate(LATIN)


class Echo:
    """Gives each source back; remembers its batches and how they were to be decoded."""

    batch_tokens = 1_000
    runs_on = "paper"

    def __init__(self, *, memory: int = 10**9, loops_on: str | None = None) -> None:
        self.memory = memory
        self.loops_on = loops_on
        self.calls: list[tuple[int, Tokens, Decoding]] = []

    def generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        self.calls.append((len(batch), target_prefix, decoding))
        if len(batch) * max(map(len, batch)) > self.memory:
            raise EngineOutOfMemory
        return [self._outputs(tokens[:-1], decoding) for tokens in batch]

    def _outputs(self, tokens: Tokens, decoding: Decoding) -> list[Output]:
        return [self._output(tokens, decoding)]

    def _output(self, tokens: Tokens, decoding: Decoding) -> Output:
        if self.loops_on in tokens and not decoding.no_repeat_ngram_size:
            return Output((tokens * decoding.max_tokens)[: decoding.max_tokens], ended=False)
        return Output(tokens, ended=True)


def echoing(echo: Echo, **facts: object) -> SegmentTranslator:
    model = Model.model_validate({"path": Path(), "name": "echo"} | facts)
    return SegmentTranslator(model, Words(), echo, EngineOptions(beam_size=4))


def test_a_batch_that_does_not_fit_the_memory_is_halved_and_nothing_is_lost() -> None:
    echo = Echo(memory=12)
    sources = [" ".join(["كلمة"] * length) + f" {length}" for length in (1, 5, 2, 4, 3, 9)]
    targets = echoing(echo).translate(sources, unheard)
    assert [target.text for target in targets] == [source.translate(LATIN) for source in sources]
    assert echo.calls[0][0] == len(sources)  # all at once was tried


def test_a_single_source_that_does_not_fit_the_memory_is_a_clear_error() -> None:
    with pytest.raises(BrokenModel, match="do not fit this machine's memory"):
        echoing(Echo(memory=3)).translate(["كلمة واحدة ثم أخرى"], unheard)


def test_a_looping_output_is_decoded_again_with_its_repetitions_blocked() -> None:
    echo = Echo(loops_on="حلقة")
    sources = ["كلمة", "حلقة", "كتاب"]
    targets = echoing(echo).translate(sources, unheard)
    assert [target.text for target in targets] == [source.translate(LATIN) for source in sources]
    assert not any(target.truncated for target in targets)
    assert [target.retried for target in targets] == [False, True, False]
    assert [(size, decoding.no_repeat_ngram_size) for size, _, decoding in echo.calls] == [(3, 0), (1, 3)]


def test_what_loops_all_the_same_is_marked_as_truncated() -> None:
    echo = Echo(loops_on="حلقة")
    translator = echoing(echo, no_repeat_ngram_size=0)
    echo._output = lambda tokens, decoding: Output(tokens, ended=False)  # type: ignore[method-assign]
    assert translator.translate(["حلقة"], unheard)[0].truncated


class Scripted(Echo):
    """Gives each source's first word one output in the first try, and the others in the second."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        super().__init__()
        self.answers = answers

    def _outputs(self, tokens: Tokens, decoding: Decoding) -> list[Output]:
        first, *others = self.answers[PLACES.index(tokens[0])]
        chosen = others[: decoding.candidates] if decoding.no_repeat_ngram_size else [first]
        return [Output(text.split(), ended=True) for text in chosen]


PLACES = ("هنا", "هناك", "فوق", "تحت")  # the first word says which answers a source gets
LONG = "قال الوزير إن الخطة الجديدة للتعليم تبدأ في العام المقبل في كل المدارس"
GOOD = "The minister said that the new education plan starts next year in all schools."
LOOP = "The minister said that the plan of the plan of the plan of the plan of schools."


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (LOOP, GOOD, GOOD),
        ("The plan.", GOOD, GOOD),
        (f"{GOOD} گ", GOOD, GOOD),
        ("", GOOD, GOOD),
        (LOOP, f"{LOOP} گ", LOOP),
        (LOOP, LOOP.replace("schools", "pupils"), LOOP),
        ("The plan.", "The new plan.", "The plan."),
        (f"{GOOD} 7", GOOD, GOOD),
        # Few faults, but graver ones.
        (f"{GOOD} 7", LOOP, f"{GOOD} 7"),
        (f"{GOOD} 7", f"{GOOD} گ", f"{GOOD} 7"),
        (f"{GOOD} گ 7", "The minister.", f"{GOOD} گ 7"),
        (f"{GOOD} گ 7", ".", f"{GOOD} گ 7"),
    ],
)
def test_what_has_a_fault_gets_a_second_try_and_the_better_is_kept(
    first: str, second: str, kept: str
) -> None:
    generator = Scripted((first, second))
    [target] = echoing(generator).translate([f"{PLACES[0]} {LONG}"], unheard)
    assert (target.text, target.retried) == (kept, True)


def test_the_likeliest_of_a_second_try_s_candidates_that_have_the_fewest_faults_is_kept() -> None:
    generator = Scripted((f"{LOOP} 7", f"{GOOD} 7", GOOD, GOOD.replace("new", "recent")))
    [target] = echoing(generator).translate([f"{PLACES[0]} {LONG}"], unheard)
    assert target.text == GOOD
    [(_, _, first), (_, _, second)] = generator.calls
    assert (first.candidates, first.beam_size) == (1, 4)
    assert second.candidates <= second.beam_size


def test_one_batch_holds_all_second_tries_and_what_is_well_has_none() -> None:
    generator = Scripted((GOOD, LOOP), (LOOP, GOOD), (GOOD, LOOP), ("The plan.", GOOD))
    targets = echoing(generator).translate([f"{place} {LONG}" for place in PLACES], unheard)
    assert {target.text for target in targets} == {GOOD}
    assert [target.retried for target in targets] == [False, True, False, True]
    assert [size for size, *_ in generator.calls] == [4, 2]


def test_where_nothing_is_wrong_nothing_is_decoded_twice() -> None:
    generator = Scripted((GOOD, LOOP))
    echoing(generator).translate([f"{PLACES[0]} {LONG}"] * 3, unheard)
    assert len(generator.calls) == 1


def test_a_short_source_is_not_emptied_by_a_second_try() -> None:
    [target] = echoing(Scripted(("گ", "", ".", "Teacher"))).translate([f"{PLACES[0]} كتاب"], unheard)
    assert target.text == "Teacher"
    [target] = echoing(Scripted(("گ", "", "."))).translate([f"{PLACES[0]} كتاب"], unheard)
    assert target.text == "گ"


def test_a_second_try_that_does_not_fit_the_memory_leaves_the_first() -> None:
    class Narrow(Scripted):
        def generate(
            self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
        ) -> list[list[Output]]:
            if decoding.beam_size > 4:
                raise EngineOutOfMemory
            return super().generate(batch, target_prefix, decoding)

    [target] = echoing(Narrow((f"{GOOD} 7", GOOD))).translate([f"{PLACES[0]} {LONG}"], unheard)
    assert (target.text, target.retried) == (f"{GOOD} 7", False)


def test_what_the_model_gives_nothing_for_stays_in_arabic() -> None:
    [target] = echoing(Scripted(("", ""))).translate([f"{PLACES[0]} {LONG}"], unheard)
    assert target.text == f"{PLACES[0]} {LONG}"
    assert target.retried


def test_the_manifest_says_how_to_decode_before_the_setting_does() -> None:
    echo = Echo()
    facts = {"beam_size": 2, "repetition_penalty": 1.5, "no_repeat_ngram_size": 4, "length_penalty": 0.6}
    echoing(echo, **facts).translate(["كلمة"], unheard)
    _, prefix, decoding = echo.calls[0]
    assert prefix == ["to"]
    assert (decoding.beam_size, decoding.repetition_penalty) == (2, 1.5)
    assert (decoding.no_repeat_ngram_size, decoding.length_penalty) == (4, 0.6)
    echoing(echo).translate(["كلمة"], unheard)
    assert echo.calls[-1][2].beam_size == 4


def test_the_fingerprint_changes_with_weights_decoding_and_where_it_runs() -> None:
    elsewhere = Echo()
    elsewhere.runs_on = "parchment"
    translators = [
        echoing(Echo()),
        echoing(Echo(), sha256={"model.bin": "0"}),
        echoing(Echo(), beam_size=2),
        echoing(Echo(), length_penalty=0.6),
        echoing(elsewhere),
        SegmentTranslator(echoing(Echo()).model, Words(), Echo(), EngineOptions(beam_size=5)),
    ]
    assert len({it.fingerprint for it in translators}) == len(translators)
    assert echoing(Echo()).fingerprint == echoing(Echo(memory=3)).fingerprint


def test_the_fingerprint_changes_with_the_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    before = echoing(Echo()).fingerprint
    monkeypatch.setattr("models.engines.translator._NGRAM_AGAINST_LOOPS", 4)
    assert echoing(Echo()).fingerprint != before


def test_a_loop_is_as_long_beside_a_long_sentence_as_alone() -> None:
    echo = Echo()
    echo._output = lambda tokens, decoding: Output(tokens * decoding.max_tokens, ended=False)  # type: ignore[method-assign]
    translator = echoing(echo)
    [alone] = translator.translate(["حلقة"], unheard)
    [beside, _] = translator.translate(["حلقة", "كلمة " * 40], unheard)
    assert alone.truncated
    assert beside == alone


def test_two_loads_of_one_model_have_one_fingerprint(translator: SegmentTranslator) -> None:
    other = open_translator(open_model(BUNDLED_TRANSLATION), EngineOptions(beam_size=1, threads=2))
    assert other.fingerprint == translator.fingerprint
