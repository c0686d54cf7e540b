"""The flags: each is raised by the harm that it names and by nothing that a good translator does."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.fidelity import FLAGS, flags


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
    assert flags(source, "Iraqi security forces said no.") == ["length-ratio"]
    assert flags(source, f"{target} It also said many other things that nobody had asked about.") == []
    assert flags(source, f"{target} {target.replace('rockets', 'bombs')}") == ["length-ratio"]
    assert flags("نعم", "") == ["length-ratio"]


@pytest.mark.parametrize("mark", ["؟", "?", "؟!"])
def test_a_lost_question_mark_is_flagged(mark: str) -> None:
    source = f"هل وصل الوفد إلى القاهرة{mark}"
    assert flags(source, "Has the delegation arrived in Cairo") == ["question-lost"]
    assert flags(source, "Has the delegation arrived in Cairo?") == []


def test_a_question_mark_inside_a_link_is_no_question() -> None:
    assert flags("انظر https://a.org/b?c=d", "See https://a.org/b?c=d") == []
    assert flags("انظر https://a.org/b?c=d", "See https://a.org/b") == ["latin-lost"]


def test_each_lost_question_counts() -> None:
    source = "لماذا؟ ومتى وصل الوفد؟"
    assert flags(source, "Why? And when did the delegation arrive?") == []
    assert flags(source, "Why? And when the delegation arrived.") == ["question-lost"]


def test_a_lost_exclamation_mark_is_flagged() -> None:
    assert flags("يا له من يوم جميل!", "What a beautiful day") == ["exclamation-lost"]
    assert flags("يا له من يوم جميل!", "What a beautiful day!") == []
    assert flags("هل هذا صحيح؟!", "Is this true?") == []


def test_the_source_given_back_is_flagged() -> None:
    source = "وصل الوفد إلى القاهرة"
    assert flags(source, source) == ["untranslated", "source-copied"]
    assert flags(source, "Arrived الوفد إلى القاهرة") == ["untranslated", "source-copied"]
    assert flags(source, "The delegation arrived in القاهرة") == ["untranslated"]
    assert flags("Reuters", "Reuters") == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("أطلقت ناسا NASA المسبار", "The agency launched the probe"),
        ("راسلنا على news@example.com اليوم", "Write to us today"),
        ("قال @khulasa_app إن ذلك صحيح", "It said that this was true"),
        ("شارك في #COP28 اليوم", "Take part in it today"),
        ("انتشر وسم #أنقذوا_غزة أمس", "The tag save Gaza spread yesterday"),
        ("انظر www.example.com/a للمزيد", "See the site for more"),
    ],
)
def test_a_lost_name_link_address_or_tag_is_flagged(source: str, target: str) -> None:
    assert "latin-lost" in flags(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("أطلقت ناسا (NASA) المسبار", "NASA's probe was launched"),
        ("زار Beyonce المدينة", "Beyoncé visited the city"),
        ("راسلنا على news@example.com.", "Write to news@example.com."),
        ("قال @khulasa_app إن ذلك صحيح", "@khulasa_app said that this was true"),
        ("انتشر وسم #أنقذوا_غزة أمس", "The tag #Save_Gaza spread yesterday"),
        ("يبعد 5 km عن المدينة", "It is 5 kilometres from the city"),
    ],
)
def test_a_kept_name_link_address_or_tag_is_not_flagged(source: str, target: str) -> None:
    assert flags(source, target) == []


def test_several_flags_come_in_the_documented_order() -> None:
    source = "لم يصل وفد NASA؟ كم بلغ عدد 20؟ لا!"
    target = (
        "كم لم وفد يصل 7 dead dead dead dead dead dead dead dead dead dead dead dead dead dead dead dead dead"
    )
    assert flags(source, target) == list(FLAGS)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_pair_gets_flags_from_the_list_in_its_order(source: str, target: str) -> None:
    found = flags(source, target)
    assert found == [flag for flag in FLAGS if flag in found]


@given(st.text("abcdefgh xyz", min_size=5, max_size=100))
def test_text_that_is_its_own_translation_is_never_flagged(text: str) -> None:
    if text.strip():
        assert flags(text, text) == []


@pytest.mark.parametrize("source", ["1-" * 50_000, "a+b." * 25_000])
def test_no_source_takes_the_square_of_its_length(source: str) -> None:
    started = process_time()
    flags(source, "One.")
    assert process_time() - started < 10  # under two, where the square is a minute


def test_a_mail_address_must_be_kept() -> None:
    assert (
        flags("راسلونا: (first.last+news@mail.example).", "Write to us: first.last+news@mail.example.") == []
    )
    assert flags("راسلونا: (first.last+news@mail.example).", "Write to us at our address.") == ["latin-lost"]
