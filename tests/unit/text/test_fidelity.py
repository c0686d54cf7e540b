"""The flags: each is raised by the harm that it names and by nothing that a good translator does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.fidelity import flags

ORDER = ["number-mismatch", "untranslated", "repetition", "length-ratio", "question-lost"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("بلغ عدد القتلى 27 شخصا", "The death toll reached 72."),
        ("بلغت ٣٫٥ مليون دولار", "It amounted to 35 million dollars."),
        ("ارتفعت بنسبة ٤٥٪", "It rose by 5 %."),
        ("حضر 7 وزراء", "Ministers attended."),
        ("في عام ۲۰۱۹", "In the year 2018"),
        ("سقط صاروخ قرب المطار", "In 2019 a rocket fell near the airport."),
        ("خصص 1,200 دينار", "He allotted 1.2 dinars."),
    ],
)
def test_a_lost_changed_or_invented_number_is_flagged(source: str, target: str) -> None:
    assert flags(source, target) == ["number-mismatch"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("بلغ ١٬٢٠٠ طن و٣٫٥٪ و۴۵ كيلومترا", "It was 1,200 tonnes, 3.5% and 45 kilometres."),
        ("بلغ 1.000.000 نسمة", "It has 1,000,000 inhabitants."),
        ("بلغ 5 ملايين", "It was 5,000,000"),
        ("حضر 3 وزراء و12 نائبا", "Three ministers and twelve deputies came."),
        ("في 14/11/2020 الساعة 17:30", "On 14 November 2020 at 5:30 pm"),
        ("الدورة 20 للمهرجان", "The twentieth festival"),
        ("منذ 2 شهر", "For a second month"),
        ("في سبعينيات القرن الماضي", "In the 1970s"),
        ("قتل ثلاثة وعشرون شخصا", "It killed 23 people."),
        ("لا أرقام هنا", "No figures here"),
    ],
)
def test_a_number_in_another_form_is_not_flagged(source: str, target: str) -> None:
    assert flags(source, target) == []


def test_arabic_letters_left_in_the_english_are_flagged() -> None:
    assert flags("زار الكاظمي بغداد", "الكاظمي visited Baghdad") == ["untranslated"]
    assert flags("زار الكاظمي بغداد", "Al-Kadhimi visited Baghdad") == []


@pytest.mark.parametrize(
    "target",
    [
        "The minister said that the the the the project would start next year.",
        "The minister of state of the state of the state of the state of health.",
        "The project starts and the project starts and the project starts and the project.",
        "The minister hahahahahahahahaha said that the project would start.",
    ],
)
def test_a_loop_is_flagged(target: str) -> None:
    assert flags("قال الوزير إن المشروع سيبدأ العمل به في العام المقبل", target) == ["repetition"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("قال إن ذلك مهم جدا جدا جدا", "He said that it was very very very important."),
        ("لا لا لا لا لن أذهب اليوم", "No no no no, I will not go today"),
        ("ذهب إلى البيت ثم إلى السوق", "He went to the house, then to the market, then to the sea."),
    ],
)
def test_emphasis_and_repetition_of_the_source_are_not_flagged(source: str, target: str) -> None:
    assert flags(source, target) == []


def test_a_target_too_short_or_too_long_for_its_source_is_flagged() -> None:
    source = "وقالت قوى الأمن العراقية إن الصواريخ التي أطلقت من شمال بغداد لم تلحق أضرارا بالقاعدة."
    target = "Iraqi security forces said rockets fired from north of Baghdad did no damage to the base."
    assert flags(source, target) == []
    assert flags(source, "Iraqi security forces said.") == ["length-ratio"]
    assert flags(source, f"{target} It also said many other things that nobody had asked about.") == []
    assert flags(source, f"{target} {target.replace('rockets', 'bombs')}") == ["length-ratio"]
    assert flags("نعم", "") == ["length-ratio"]


@pytest.mark.parametrize("mark", ["؟", "?", "؟!"])
def test_a_lost_question_mark_is_flagged(mark: str) -> None:
    source = f"هل وصل الوفد إلى القاهرة{mark}"
    assert flags(source, "Has the delegation arrived in Cairo") == ["question-lost"]
    assert flags(source, "Has the delegation arrived in Cairo?") == []


def test_a_question_mark_inside_a_link_is_no_question() -> None:
    assert flags("انظر https://a.org/b?c=d", "See https://a.org/b") == []


def test_several_flags_come_in_the_documented_order() -> None:
    target = "كم كم 7 dead dead dead dead dead dead dead dead dead dead dead dead dead dead"
    assert flags("كم بلغ عدد 20؟", target) == ORDER


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_pair_gets_flags_from_the_list_in_its_order(source: str, target: str) -> None:
    found = flags(source, target)
    assert found == [flag for flag in ORDER if flag in found]


@given(st.text("abcdefgh xyz", min_size=5, max_size=100))
def test_text_that_is_its_own_translation_is_never_flagged(text: str) -> None:
    if text.strip():
        assert flags(text, text) == []
