"""The summary step: which method runs, what is flagged, and what stands in for what cannot be had."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import models.engines
from jobs.errors import BrokenModel, InvalidSubmission, NoSummaryModel, UnknownModel
from models.article import Article
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.installed import MANIFEST, Model
from models.step import Context
from models.steps.english_summary import EnglishSummary, EnglishSummaryOptions
from models.steps.summary import Summary, SummaryOptions, SummaryResult
from tests.doubles.writers import (
    Write,
    Writer,
    a_model,
    a_summariser,
    everything,
    first_sentence,
    inventing,
    looping,
    never_ending,
    nothing,
)
from tests.scripted_translator import Scripted

TEXT = """زيارة رسمية إلى الكويت
وصل رئيس الوزراء العراقي إلى الكويت أمس في زيارة رسمية. وبحث الجانبان ملفات الحدود والاستثمار في قطاع النفط.
وأكد الجانبان أهمية تعزيز التعاون بين البلدين. واستأنف البلدان علاقاتهما عام 2003 بعد سقوط النظام السابق.
واستضافت الكويت عام 2018 مؤتمرا دوليا لإعادة إعمار العراق. وتوقع خبراء هطول أمطار غزيرة على السواحل.
"""
STEP = Summary()
EXTRACTIVE = "khulasa-extractive-1"


class Translating(Engines):
    """Engines whose translator is a given one."""

    def __init__(self, translator: Any) -> None:
        super().__init__(EngineOptions())
        self._given = translator

    def translator(self, name: str | None = None) -> Any:
        return self._given


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Engines with one installed model, which writes as it is told from a window of so many tokens."""

    def install(write: Write, window: int = 512, **options: Any) -> Engines:
        folder = tmp_path / "writer"
        folder.mkdir()
        for name in ("model.bin", "config.json"):
            (folder / name).write_bytes(b"{}")
        (folder / MANIFEST).write_text(a_model(folder).model_dump_json(exclude={"path"}))
        monkeypatch.setattr(
            models.engines, "open_summariser", lambda *_: a_summariser(Writer(write), window=window)
        )
        return Engines(EngineOptions(models_dir=tmp_path, **options))

    return install


@pytest.fixture
def bare(tmp_path: Path) -> Engines:
    return Engines(EngineOptions(models_dir=tmp_path))


def run(engines: Engines, text: str = TEXT, **options: Any) -> SummaryResult:
    chosen = SummaryOptions(**options)
    context = Context(
        engines=engines,
        results={},
        progress=lambda _done, _total: None,
        show=lambda _done, _total, _part: None,
    )
    result, counts = STEP.run(Article(text), chosen, context)
    assert counts is None
    assert SummaryResult.model_validate_json(result.model_dump_json()) == result
    return result


def test_auto_writes_where_a_model_is_installed_and_cites(installed: Any) -> None:
    result = run(installed(first_sentence))
    assert (result.method, result.model, result.flags) == ("abstractive", "writer", [])
    assert result.text == " ".join(sentence.text for sentence in result.sentences)
    assert all(sentence.segments for sentence in result.sentences)
    total = len(Article(TEXT).segments)
    assert result.receipt.model_dump() == {
        "segments_in": total,
        "segments_read": total,
        "parts": 1,
        "truncated": 0,
    }


def test_auto_picks_where_no_model_is_installed_and_has_nothing_to_say_of_it(bare: Engines) -> None:
    result = run(bare)
    assert (result.method, result.model, result.flags) == ("extractive", EXTRACTIVE, [])
    assert result.receipt.parts == 1
    assert result.receipt.segments_read == result.receipt.segments_in == len(Article(TEXT).segments)
    assert [[Article(TEXT).sources[index] for index in it.segments] for it in result.sentences] == [
        [it.text] for it in result.sentences
    ]


OIL = "ارتفعت أسعار النفط في الأسواق إلى أعلى مستوياتها منذ عام."
MANY = (
    """وصل رئيس الوزراء إلى الكويت أمس في زيارة رسمية.
وتوقع خبراء هطول أمطار غزيرة على السواحل الغربية.
من جهة أخرى، """
    + OIL
    + """
وأضاف أن أسعار النفط في الأسواق سترتفع أيضا بعد عام.
"""
)


def test_what_joins_a_sentence_to_one_left_out_is_in_neither_summary(bare: Engines) -> None:
    result = run(bare, MANY, sentences=2)
    assert [(it.segments, it.text) for it in result.sentences] == [
        ([0], Article(MANY).sources[0]),
        ([2], OIL),
    ]
    assert result.text == f"{Article(MANY).sources[0]} {OIL}"
    translator = Scripted({"وصل": "He arrived.", "ارتفعت": "Oil prices rose."})
    english, _ = EnglishSummary().run(
        Article(MANY),
        EnglishSummaryOptions(),
        Context(
            engines=Translating(translator),
            results={"summary": result.model_dump()},
            progress=lambda _done, _total: None,
            show=lambda _done, _total, _part: None,
        ),
    )
    assert translator.calls == [[Article(MANY).sources[0], OIL]]
    assert [(it.segments, it.text) for it in english.sentences] == [
        ([0], "He arrived."),
        ([2], "Oil prices rose."),
    ]


def test_an_article_of_the_same_normal_form_gets_its_own_spelling_less_the_same_openings(
    bare: Engines,
) -> None:
    other = MANY.replace("من جهة", "مِن جهـة").replace("النفط", "النِّفط")
    assert Article(other).normal_form == Article(MANY).normal_form
    mine, theirs = run(bare, MANY, sentences=2), run(bare, other, sentences=2)
    assert STEP.rebase(mine.model_dump(), Article(other)) == theirs.model_dump()
    assert theirs.sentences[1].text == OIL.replace("النفط", "النِّفط")


@pytest.mark.parametrize("options", [{"method": "extractive"}, {"model": EXTRACTIVE}])
def test_extractive_never_asks_the_model(installed: Any, options: dict[str, str]) -> None:
    result = run(installed(nothing), **options)
    assert (result.method, result.model, result.flags) == ("extractive", EXTRACTIVE, [])


@pytest.mark.parametrize(
    ("write", "window", "flag"),
    [
        (inventing, 512, "number-unsupported"),
        (looping, 512, "repetition"),
        (never_ending, 512, "unfinished"),
        (everything, 32, "not-condensed"),
    ],
)
def test_a_doubtful_text_is_flagged_and_under_auto_it_falls_back(
    installed: Any, write: Write, window: int, flag: str
) -> None:
    engines = installed(write, window=window)
    doubtful = run(engines, method="abstractive")
    assert doubtful.method == "abstractive"
    assert flag in doubtful.flags
    assert "fell-back" not in doubtful.flags
    safe = run(engines)
    assert (safe.method, safe.model) == ("extractive", EXTRACTIVE)
    assert safe.flags == [*doubtful.flags, "fell-back"]
    assert safe.sentences == run(engines, method="extractive").sentences


def test_a_sentence_that_has_no_word_of_the_article_is_flagged(installed: Any) -> None:
    result = run(installed(looping), method="abstractive")
    assert [sentence.segments for sentence in result.sentences] == [[]]
    assert "sentence-unsupported" in result.flags


def test_a_model_that_writes_nothing_is_said(installed: Any) -> None:
    engines = installed(nothing)
    assert run(engines).flags == ["model-unavailable", "fell-back"]
    with pytest.raises(BrokenModel, match="wrote nothing"):
        run(engines, method="abstractive")


def test_a_broken_model_is_not_hidden(installed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    engines = installed(first_sentence)

    def broken(model: Model, _options: EngineOptions) -> None:
        raise BrokenModel(f"{model.name} cannot be loaded; install it again")

    monkeypatch.setattr(models.engines, "open_summariser", broken)
    result = run(engines)
    assert (result.method, result.flags) == ("extractive", ["model-unavailable", "fell-back"])
    with pytest.raises(BrokenModel, match="install it again"):
        run(engines, method="abstractive")


def test_a_model_removed_after_the_submission_is_not_hidden(bare: Engines) -> None:
    assert run(bare, model="writer").flags == ["model-unavailable", "fell-back"]
    with pytest.raises(UnknownModel):
        run(bare, method="abstractive", model="writer")
    with pytest.raises(NoSummaryModel):
        run(bare, method="abstractive")


def test_a_broken_setting_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"")
    engines = Engines(EngineOptions(summary_model=str(tmp_path)))
    assert run(engines).flags == ["model-unavailable", "fell-back"]
    with pytest.raises(BrokenModel, match=r"config\.json"):
        run(engines, method="abstractive")


@pytest.mark.parametrize("method", ["auto", "extractive", "abstractive"])
@pytest.mark.parametrize("length", [{}, {"sentences": 3}, {"words": 40}, {"ratio": 1.0}])
def test_an_article_no_longer_than_its_summary_comes_back_whole(
    installed: Any, method: str, length: dict[str, Any]
) -> None:
    text = "وصل الوزير إلى الكويت أمس. وغادر اليوم صباحا."
    result = run(installed(inventing), text, method=method, **length)
    assert (result.method, result.text, result.flags) == ("extractive", text, ["whole-article"])


@pytest.mark.parametrize("method", ["extractive", "abstractive"])
def test_no_more_sentences_than_asked_for(installed: Any, method: str) -> None:
    engines = installed(everything)
    for count in (1, 2, 4):
        assert 1 <= len(run(engines, method=method, sentences=count).sentences) <= count


@pytest.mark.parametrize("method", ["extractive", "abstractive"])
def test_words_are_a_budget(installed: Any, method: str) -> None:
    engines = installed(everything)
    taken = [len(run(engines, method=method, words=words).text.split()) for words in (10, 25, 40)]
    assert taken == sorted(set(taken))
    assert all(abs(words - asked) <= 10 for words, asked in zip(taken, (10, 25, 40), strict=True))


def test_a_ratio_is_one_of_words_for_the_model_too(installed: Any) -> None:
    engines = installed(everything)
    small, large = (len(run(engines, method="abstractive", ratio=it).text.split()) for it in (0.2, 0.7))
    assert small < len(TEXT.split()) / 2 < large


def test_a_long_article_is_read_whole_in_parts(installed: Any) -> None:
    text = "\n".join(f"{TEXT.strip()} وهذا خبر رقم {number}." for number in range(120))
    assert len(text) > 40_000
    result = run(installed(first_sentence, window=64), text)
    assert result.method == "abstractive"
    assert result.receipt.parts > 50
    assert result.receipt.segments_read == result.receipt.segments_in == len(Article(text).segments)


@pytest.mark.parametrize(
    "options",
    [
        {"sentences": 2, "ratio": 0.5},
        {"sentences": 2, "words": 50},
        {"ratio": 0.5, "words": 50},
        {"words": 0},
        {"words": "9"},
        {"method": "best"},
    ],
)
def test_lengths_and_methods_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SummaryOptions(**options)


@pytest.mark.parametrize(
    ("options", "error", "pointer"),
    [
        ({"model": "missing"}, UnknownModel, "/options/summary/model"),
        ({"method": "abstractive", "model": "missing"}, UnknownModel, "/options/summary/model"),
        ({"method": "extractive", "model": "writer"}, InvalidSubmission, "/options/summary/model"),
        ({"method": "abstractive", "model": EXTRACTIVE}, InvalidSubmission, "/options/summary/model"),
    ],
)
def test_what_cannot_be_met_is_refused_at_submission(
    installed: Any, options: dict[str, str], error: type[InvalidSubmission], pointer: str
) -> None:
    with pytest.raises(error) as raised:
        STEP.check(SummaryOptions(**options), installed(first_sentence))
    assert raised.value.fields[0][0] == pointer


def test_abstractive_without_any_model_is_refused_with_a_remedy(bare: Engines) -> None:
    with pytest.raises(UnknownModel, match="pull one") as raised:
        STEP.check(SummaryOptions(method="abstractive"), bare)
    assert raised.value.fields[0][0] == "/options/summary/method"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "extractive"},
        {"method": "extractive", "model": EXTRACTIVE},
        {"model": EXTRACTIVE},
        {"model": "writer"},
        {"method": "abstractive"},
        {"method": "abstractive", "model": "writer"},
    ],
)
def test_what_can_be_met_is_accepted(installed: Any, options: dict[str, str]) -> None:
    STEP.check(SummaryOptions(**options), installed(first_sentence))


def test_the_default_is_listed_first(installed: Any, bare: Engines) -> None:
    assert [info.name for info in STEP.models(bare)] == [EXTRACTIVE]
    assert [info.name for info in STEP.models(installed(first_sentence))] == ["writer", EXTRACTIVE]
