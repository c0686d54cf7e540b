"""Terminology: what the English of a sentence must have, what is tried for it, and what is told of it."""

import pytest

from models.engines.contract import Progress
from models.engines.terminology import Rendering, Terminology
from models.glossary import Glossary, GlossaryReport, Term
from tests.scripted_translator import Scripted

KADHIMI = ("الكاظمي", "al-Kadhimi")


def unheard(_done: int, _total: int) -> None:
    pass


def rendered(
    source: str, answers: dict[str, str], *terms: tuple[str, str]
) -> tuple[Rendering, GlossaryReport, Scripted]:
    translator = Scripted(answers)
    terminology = Terminology(translator, Glossary(terms=[Term(ar=ar, en=en) for ar, en in terms]))
    [rendering] = terminology.translate([source], unheard)
    assert terminology.report
    return rendering, terminology.report, translator


@pytest.mark.parametrize(
    ("term", "plain", "text"),
    [
        ("al-Kadhimi", "He met Al Kadhimi today.", "He met al-Kadhimi today."),
        ("al-Kadhimi", "AL-KADHIMI's party won.", "al-Kadhimi's party won."),
        ("projectiles", "Projectiles fell. Projectiles hit.", "Projectiles fell. Projectiles hit."),
        ("projectiles", "The Projectiles fell.", "The projectiles fell."),
        ("Green Zone", "the green zone is closed", "the Green Zone is closed"),
    ],
)
def test_what_is_there_is_set_in_the_glossary_s_spelling_and_not_translated_again(
    term: str, plain: str, text: str
) -> None:
    rendering, report, translator = rendered("والكاظمي قال ذلك اليوم", {"": plain}, ("الكاظمي", term))
    assert rendering.text == text
    assert len(translator.calls) == 1
    assert report.terms[0].applied == 1


@pytest.mark.parametrize(
    ("term", "plain"),
    [("US", "He told us today."), ("Iraq", "The Iraqi man said."), ("Taji", "Tajik said.")],
)
def test_another_word_in_the_english_is_not_the_target(term: str, plain: str) -> None:
    rendering, *_ = rendered("والكاظمي قال ذلك اليوم", {"": plain}, ("الكاظمي", term))
    assert rendering.flags == ["name-missing"]
    assert rendering.text == plain


def test_the_english_itself_is_tried_first_with_the_clitics_kept() -> None:
    answers = {"al-Kadhimi": "And Al-Kadhimi said so.", "": "The church said so."}
    rendering, _, translator = rendered("والكاظمي قال ذلك", answers, KADHIMI)
    assert rendering == Rendering("And al-Kadhimi said so.", False, [])
    assert translator.calls[1:] == [["و al-Kadhimi قال ذلك"]]


def test_the_first_stand_in_that_survives_is_replaced() -> None:
    answers = {"[1]": "He said so.", "X1": "They met withX1 today.", "": "They met the church today."}
    rendering, *_ = rendered("التقوا بالكاظمي اليوم", answers, KADHIMI)
    assert rendering == Rendering("They met with al-Kadhimi today.", False, [])


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("قالت الحكومة اليوم", "قالت [1] اليوم"),
        ("عاد للحكومة اليوم", "عاد ل [1] اليوم"),
        ("عاد وبالحكومة اليوم", "عاد وب [1] اليوم"),
        ("قالت حكومته، اليوم", "قالت [1] الخاص به، اليوم"),
    ],
)
def test_clitics_stay_beside_a_stand_in_but_for_the_article(source: str, sent: str) -> None:
    *_, translator = rendered(source, {"": "It was said today."}, ("حكومة", ""))
    assert translator.calls[1] == [sent]


def test_a_stand_in_that_comes_twice_or_leaves_something_is_not_taken() -> None:
    answers = {
        "[1]": "[1] and [1] met today.",
        '"X1"': "X1 met X2 today.",
        "X1": "X11 met them today.",
        "7391": "7391 met them today.",
        "": "They met the church today.",
    }
    rendering, *_ = rendered("التقوا بالكاظمي اليوم", answers, ("الكاظمي", ""))
    assert rendering == Rendering("الكاظمي met them today.", False, [])


@pytest.mark.parametrize(
    "worse",
    ["[1] said 77.", "[1] met.", "[1] met them all " + "and the others who were there as well " * 3],
)
def test_an_english_whose_rest_is_worse_is_not_taken_and_that_is_told(worse: str) -> None:
    plain = "They met the church today, and it was said that the talks were good."
    source = "التقوا بالكاظمي اليوم، وقيل إن المحادثات كانت جيدة جدا"
    answers = {"[1]": worse, "": plain}
    rendering, report, _ = rendered(source, answers, KADHIMI)
    assert rendering == Rendering(plain, False, ["name-missing"])
    assert report.terms[0].model_dump() == {
        "ar": "الكاظمي",
        "en": "al-Kadhimi",
        "found": 1,
        "applied": 0,
        "problems": ["segment 0: with it the rest came out worse"],
    }


def test_a_term_s_own_figures_arabic_and_length_are_not_held_against_the_sentence() -> None:
    long = "Vision 2030 of the Kingdom of Saudi Arabia, as it was announced in April 2016"
    for english in (long, ""):
        rendering, *_ = rendered("أعلن الرؤية", {"[1]": "He announced [1].", "": "x"}, ("الرؤية", english))
        assert rendering.flags == []
    assert rendering.text == "He announced الرؤية."


def test_what_can_be_had_of_several_terms_is_taken() -> None:
    answers = {"[1]": "[1] met him today.", "": "The church met him today."}
    rendering, report, _ = rendered("التقى الكاظمي بالعامري اليوم", answers, KADHIMI, ("العامري", "al-Amiri"))
    assert rendering == Rendering("al-Kadhimi met him today.", False, ["name-missing"])
    assert [(term.found, term.applied, term.problems) for term in report.terms] == [
        (1, 1, []),
        (1, 0, ["segment 0: no stand-in for it survived"]),
    ]


def test_a_shorter_target_is_not_found_inside_a_longer_one() -> None:
    terms = (("البنك المركزي", "Central Bank of Iraq"), ("العراق", "Iraq"))
    _, report, _ = rendered("البنك المركزي في العراق", {"": "the Central Bank of Iraq"}, *terms)
    assert [term.applied for term in report.terms] == [1, 0]


@pytest.mark.parametrize(("plain", "applied"), [("ISIS said.", [1, 0]), ("ISIS said that Isis won.", [1, 1])])
def test_terms_that_share_a_target_need_one_each(plain: str, applied: list[int]) -> None:
    terms = (("داعش", "Isis"), ("الدولة الإسلامية", "Isis"))
    _, report, _ = rendered("قال داعش إن الدولة الإسلامية فازت", {"": plain}, *terms)
    assert [term.applied for term in report.terms] == applied


def test_all_sentences_of_a_window_are_translated_again_at_once() -> None:
    translator = Scripted({"[1]": "[1] said so.", "الوزير": "The minister said so.", "": "It was said."})
    terminology = Terminology(translator, Glossary(terms=[Term(ar="الكاظمي", en="")]))
    sources = ["قال الكاظمي ذلك", "قال الوزير ذلك", "والكاظمي قال ذلك"]
    renderings = terminology.translate(sources, unheard, first=3)
    assert [len(call) for call in translator.calls] == [3, 2]
    assert [it.text for it in renderings] == ["الكاظمي said so.", "The minister said so.", "الكاظمي said so."]


def test_problems_name_the_segment_and_an_earlier_report_is_gone_on_with() -> None:
    glossary = Glossary(terms=[Term(ar="الكاظمي", en="al-Kadhimi")])
    first = Terminology(Scripted({"": "It was said."}), glossary)
    first.translate(["قال الكاظمي ذلك"], unheard, first=16)
    second = Terminology(Scripted({"": "al-Kadhimi said so."}), glossary, first.report)
    second.translate(["قال الكاظمي ذلك"], unheard, first=17)
    assert second.report
    assert (second.report.terms[0].found, second.report.terms[0].applied) == (2, 1)
    assert second.report.terms[0].problems == ["segment 16: no stand-in for it survived"]


def test_what_the_source_says_itself_is_no_stand_in() -> None:
    answers = {"7391": "[1] and 7391 said so.", "": "[1] and they said so."}
    source = "قال [1] والكاظمي ذلك"
    rendering, *_ = rendered(source, answers, ("الكاظمي", "al-Kadhimi"))
    assert rendering.text == "[1] and al-Kadhimi said so."


def test_progress_is_told_in_every_call_and_what_it_raises_ends_the_work() -> None:
    heard: list[tuple[int, int]] = []
    translator = Scripted({"": "It was said."})
    terminology = Terminology(translator, Glossary(terms=[Term(ar="الكاظمي", en="al-Kadhimi")]))
    terminology.translate(["قال الكاظمي ذلك"], lambda done, total: heard.append((done, total)))
    assert set(heard) == {(1, 1)}
    assert len(heard) == len(translator.calls) == 6
    with pytest.raises(InterruptedError):
        terminology.translate(["قال الكاظمي ذلك"], _cancel(after=2))


def _cancel(after: int) -> Progress:
    calls = iter(range(after))

    def progress(_done: int, _total: int) -> None:
        if next(calls, None) is None:
            raise InterruptedError

    return progress
