"""The abstractive summariser: everything is read, however long it is, and bad writing is noticed."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import BrokenModel, KhulasaError
from models.article import Article
from models.engines import abstractive
from models.engines.generation import Decoding, Output
from models.engines.parts import pack
from models.text.arabic import for_engine
from tests.doubles.writers import (
    WordTokenizer,
    Writer,
    a_summariser,
    cut,
    everything,
    first_sentence,
    inventing,
    looping,
    looping_unless_stern,
    never_ending,
    nothing,
)

SENTENCE = "أعلن الوزير اليوم عن خطة جديدة لتطوير التعليم في البلاد وقال المدير إن العمل مستمر منذ سنوات"
ENCODE = WordTokenizer().encode
TEXTS = st.lists(
    st.text("ابتثجحخ .\n", max_size=60)
    | st.text(max_size=40)
    | st.integers(1, 120).map(lambda count: " ".join(["كلمة"] * count) + "."),
    max_size=25,
)


def an_article(characters: int) -> Article:
    """Sentences of every length, numbered from 101 (so no list), and a heading now and then."""
    choose, text, number = random.Random(7), "", 100
    while len(text) < characters:
        number += 1
        words = [choose.choice(SENTENCE.split()) for _ in range(choose.randint(3, 40))]
        gap = choose.choice(" \n")
        text += f"{' '.join(words[:5])}\n" if number % 9 == 0 else f"{' '.join(words)} {number}.{gap}"
    return Article(text)


def unheard(_done: int, _total: int) -> None:
    pass


@given(TEXTS, st.integers(8, 90))
def test_every_segment_is_in_one_part_in_order_and_no_part_is_over_the_window(
    texts: list[str], window: int
) -> None:
    forms = [for_engine(text) for text in texts]
    parts = pack(forms, window, ENCODE)
    assert all(len(part.tokens) <= window for part in parts)
    assert all(part.tokens == ENCODE(part.text) for part in parts)
    assert "".join(part.text for part in parts).split() or not "".join(forms)
    read = [piece.segment for part in parts for piece in part.pieces]
    assert read == sorted(read)
    assert set(read) == set(range(len(forms)))
    for index, form in enumerate(forms):
        holders = [part for part in parts if index in part.segments]
        pieces = [piece.text for part in holders for piece in part.pieces if piece.segment == index]
        assert "".join("".join(pieces).split()) == "".join(form.split())
        if len(ENCODE(form)) <= window:
            assert len(pieces) == 1
            assert len(holders) == 1


def test_parts_are_as_full_as_they_can_be() -> None:
    sentence = "قال المدير إن العمل مستمر."
    parts = pack([sentence] * 10, 2 + 3 * 5, ENCODE)
    assert [len(part.pieces) for part in parts] == [3, 3, 3, 1]


def test_a_heading_keeps_its_line() -> None:
    [part] = pack(["خلفية الزيارة", "وصل الوزير أمس.", "وغادر اليوم."], 64, ENCODE)
    assert part.text == "خلفية الزيارة\nوصل الوزير أمس. وغادر اليوم."


def test_parts_are_parted_again_where_together_they_take_more_tokens() -> None:
    def dear_in_company(text: str) -> list[str]:
        words = text.split()
        return [*words, *words] if len(words) > 2 else words

    parts = pack(["واحد اثنان."] * 4, 5, dear_in_company)
    assert [part.segments for part in parts] == [{0}, {1}, {2}, {3}]


def test_a_short_article_is_read_in_one_part() -> None:
    article = an_article(200)
    writer = Writer(first_sentence)
    summary = a_summariser(writer, window=512).summarise(article.sources, 20, unheard)
    assert len(writer.sources) == 1
    assert (summary.parts, summary.truncated, summary.flags) == (1, 0, [])
    assert summary.segments_read == len(article.segments)


@pytest.mark.parametrize("window", [48, 512])
def test_forty_thousand_characters_lose_no_segment(window: int) -> None:
    article = an_article(40_000)
    writer = Writer(first_sentence)
    summary = a_summariser(writer, window=window).summarise(article.sources, 40, unheard)
    assert summary.segments_read == len(article.segments)
    assert summary.parts > 40_000 / 8 / window
    assert summary.flags == []
    read = "".join(token for source in writer.sources[: summary.parts] for token in source[1:-1])
    seen = {word for word in read.replace("▁", " ").split() if word.rstrip(".").isdigit()}
    numbers = {word for word in article.text.split() if word.rstrip(".").isdigit()}
    assert seen == numbers
    assert all(len(source) <= window for source in writer.sources)
    assert 0 < sum(len(sentence.split()) for sentence in summary.sentences) <= 60


def test_an_endless_sentence_is_split_and_not_cut() -> None:
    words = [f"كلمة{number}" for number in range(300)]
    writer = Writer(first_sentence)
    summary = a_summariser(writer, window=32).summarise([" ".join(words)], 20, unheard)
    read = [WordTokenizer().decode(source[1:-1]).split() for source in writer.sources[: summary.parts]]
    assert sorted(word for part in read for word in part) == sorted(words)
    assert summary.segments_read == 1


def test_progress_counts_segments_never_falls_and_ends_whole() -> None:
    article = an_article(6_000)
    heard: list[tuple[int, int]] = []
    a_summariser(Writer(first_sentence)).summarise(
        article.sources, 30, lambda done, total: heard.append((done, total))
    )
    total = len(article.segments)
    assert heard[0] == (0, total)
    assert heard[-1] == (total, total)
    assert heard == sorted(heard)
    assert len(set(heard)) > 5


def test_what_progress_raises_ends_the_work() -> None:
    writer = Writer(first_sentence)

    def cancel(done: int, _total: int) -> None:
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        a_summariser(writer).summarise(an_article(6_000).sources, 30, cancel)
    assert len(writer.decodings) < 20


def test_batches_keep_to_the_token_budget_and_a_small_memory_halves_them() -> None:
    article = an_article(3_000)
    wide, narrow = Writer(first_sentence), Writer(first_sentence, most_sources=1)
    same = [a_summariser(writer).summarise(article.sources, 30, unheard) for writer in (wide, narrow)]
    assert same[0] == same[1]
    assert len(wide.decodings) < len(narrow.decodings) == len(narrow.sources)


def test_the_engine_reads_the_engine_form() -> None:
    writer = Writer(first_sentence)
    a_summariser(writer).summarise(["قالَ الوزيــر إنّ ٢٥٪ من «الخطة» اكتمل؟"], 20, unheard)
    assert WordTokenizer().decode(writer.sources[0][1:-1]) == 'قال الوزير إن 25% من "الخطة" اكتمل?'


def test_later_rounds_read_the_engine_form_too() -> None:
    writer = Writer(first_sentence)
    summary = a_summariser(writer, window=24).summarise(["قال الوزير، أمس، إن الخطة مهمة."] * 20, 8, unheard)
    assert len(writer.sources) > summary.parts > 1
    assert all("،" not in token for source in writer.sources for token in source)
    assert summary.sentences == ["قال الوزير، أمس، إن الخطة مهمة."]


def test_the_reader_gets_arabic_punctuation_again() -> None:
    summary = a_summariser(Writer(everything)).summarise(
        ["قال: «نعم، لا؛ ربما» لـ BBC, NHK وبلغ 1,500 و٣، ثم هل ينجح؟"], 40, unheard
    )
    assert summary.sentences == ['قال: "نعم، لا؛ ربما" ل BBC, NHK وبلغ 1,500 و3, ثم هل ينجح؟']


@pytest.mark.parametrize("words", [15, 40, 80])
def test_the_length_is_asked_for_in_tokens_and_kept_in_words(words: int) -> None:
    article = an_article(1_500)
    writer = Writer(everything)
    summary = a_summariser(writer, window=1_000).summarise(article.sources, words, unheard)
    [decoding] = writer.decodings
    per_word = len(writer.sources[0]) / len(article.text.split())
    assert decoding.min_tokens < words * per_word < decoding.max_tokens < 2 * words * per_word
    taken = sum(len(sentence.split()) for sentence in summary.sentences)
    assert abs(taken - words) <= 20
    whole = " ".join(article.text.split())
    assert all(sentence in whole for sentence in summary.sentences)
    assert all(sentence.endswith(".") or len(sentence.split()) <= 5 for sentence in summary.sentences)


def test_no_more_tokens_are_asked_for_than_a_decoder_has_positions() -> None:
    writer = Writer(first_sentence)
    a_summariser(writer).summarise(an_article(5_000).sources, 5_000, unheard)
    assert max(decoding.max_tokens for decoding in writer.decodings) < 64


def test_a_long_summary_is_the_summaries_of_the_parts() -> None:
    article = an_article(6_000)
    writer = Writer(first_sentence)
    summary = a_summariser(writer).summarise(article.sources, 500, unheard)
    assert len(writer.sources) == summary.parts
    assert len(summary.sentences) > 5


def test_ngrams_are_blocked_and_a_loop_is_decoded_again_more_sternly() -> None:
    writer = Writer(looping_unless_stern)
    summary = a_summariser(writer, window=512).summarise(an_article(200).sources, 20, unheard)
    first, again = writer.decodings
    assert first.no_repeat_ngram_size == 3
    assert again.no_repeat_ngram_size < 3
    assert again.repetition_penalty > first.repetition_penalty
    assert summary.truncated == 0
    assert "قال قال" not in " ".join(summary.sentences)


def test_a_loop_that_stays_is_counted_as_cut() -> None:
    summary = a_summariser(Writer(looping), window=512).summarise(an_article(200).sources, 20, unheard)
    assert summary.truncated == 1
    assert summary.flags == ["unfinished"]


def test_an_unfinished_last_sentence_is_dropped_and_counted() -> None:
    summary = a_summariser(Writer(cut)).summarise(
        ["وصل الوزير أمس إلى مدينة البصرة.", "وغادر اليوم."], 20, unheard
    )
    assert summary.sentences == ["وصل الوزير أمس إلى مدينة البصرة."]
    assert summary.truncated == 1
    assert summary.flags == []


def test_an_unfinished_only_sentence_gets_more_room_and_then_stays() -> None:
    writer = Writer(never_ending)
    summary = a_summariser(writer, window=512).summarise(an_article(300).sources, 10, unheard)
    assert writer.decodings[1].max_tokens > writer.decodings[0].max_tokens
    assert len(summary.sentences) == 1
    assert (summary.truncated, summary.flags) == (1, ["unfinished"])


def test_an_unfinished_sentence_of_any_part_is_said() -> None:
    article = an_article(2_000)
    summary = a_summariser(Writer(never_ending)).summarise(article.sources, 500, unheard)
    assert summary.truncated == summary.parts > 1
    assert "unfinished" in summary.flags


def test_summaries_that_do_not_become_shorter_end_the_work_and_it_says_so() -> None:
    writer = Writer(everything)
    article = an_article(5_000)
    summary = a_summariser(writer).summarise(article.sources, 30, unheard)
    assert "not-condensed" in summary.flags
    assert len(writer.sources) == summary.parts
    assert sum(len(sentence.split()) for sentence in summary.sentences) < 60


def test_a_part_of_which_the_model_says_nothing_is_stood_in_for() -> None:
    article = an_article(3_000)
    unlucky = pack([for_engine(source) for source in article.sources], 64, ENCODE)[3]

    def silent_once(tokens: list[str], decoding: Decoding) -> Output:
        return (
            nothing(tokens, decoding) if tokens == unlucky.tokens[1:-1] else first_sentence(tokens, decoding)
        )

    writer = Writer(silent_once)
    summary = a_summariser(writer).summarise(article.sources, 30, unheard)
    later = [" ".join(source) for source in writer.sources[summary.parts :]]
    assert any(" ".join(ENCODE(unlucky.lead)[1:-1]) in source for source in later)


@pytest.mark.parametrize("characters", [200, 3_000])
def test_a_model_that_writes_nothing_is_an_error(characters: int) -> None:
    with pytest.raises(BrokenModel, match="wrote nothing"):
        a_summariser(Writer(nothing)).summarise(an_article(characters).sources, 20, unheard)


def test_a_window_that_holds_no_character_is_an_error() -> None:
    class Wordy(WordTokenizer):
        def encode(self, text: str) -> list[str]:
            return [*"ا" * 9, *super().encode(text)]

    summariser = a_summariser(Writer(first_sentence), window=8)
    summariser._tokenizer = Wordy()
    with pytest.raises(BrokenModel, match="max_source_tokens"):
        summariser.summarise(["وصل الوزير."], 10, unheard)


def test_an_article_that_was_not_packed_whole_is_not_summarised(monkeypatch: pytest.MonkeyPatch) -> None:
    article = an_article(3_000)
    monkeypatch.setattr(abstractive, "pack", lambda *given: pack(*given)[:-1])
    writer = Writer(first_sentence)
    with pytest.raises(KhulasaError, match=f"of {len(article.segments)} segments"):
        a_summariser(writer).summarise(article.sources, 30, unheard)
    assert not writer.sources


def test_the_same_article_gives_the_same_summary() -> None:
    article = an_article(3_000)
    one, other = (a_summariser(Writer(inventing)).summarise(article.sources, 30, unheard) for _ in range(2))
    assert one == other
