"""Negation: a denial that the English lacks is flagged, an idiom that only looks like one is not."""

import pytest

from models.text.fidelity import flags


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("لم يصل الوفد إلى القاهرة", "The delegation arrived in Cairo"),
        ("لن توقع الحكومة الاتفاق", "The government will sign the agreement"),
        ("الوزير ليس مسؤولا عن ذلك", "The minister is responsible for that"),
        ("ولا يعرف أحد السبب", "Everyone knows the reason"),
        ("دعا إلى عدم التصديق على الاتفاق", "He called for ratifying the agreement"),
        ("وصلوا من دون جوازات سفر", "They arrived with passports"),
        ("القرار غير قانوني", "The decision is legal"),
        ("لم يصل الوفد ولن توقع الحكومة", "The delegation did not arrive and the government will sign"),
        ("طلب ألا يذهبوا إلى هناك", "He asked them to go there"),
        ("أسرعوا لئلا يصل الوفد متأخرا", "They hurried for the delegation to arrive late"),
        ("هذا مش صحيح", "This is true"),
    ],
)
def test_a_lost_negation_is_flagged(source: str, target: str) -> None:
    assert flags(source, target) == ["negation-lost"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("لم يصل الوفد إلى القاهرة", "The delegation didn't arrive in Cairo"),
        ("لم يصل الوفد إلى القاهرة", "The delegation failed to arrive in Cairo"),
        ("لا يعرف أحد السبب", "Nobody knows the reason"),
        ("لا يعرف الوزير ولا النائب ولا الرئيس", "Neither the minister nor the MP nor the president knows"),
        ("لا حرب ولا سلم", "No war or peace"),
        ("القرار غير قانوني", "The decision is illegal"),
        ("يعاني من عدم الاستقرار", "It suffers from instability"),
        ("رفض بسبب عدم وجود أدلة", "He refused for lack of evidence"),
        ("لا يزال الوفد في القاهرة", "The delegation is still in Cairo"),
        ("لا بد من الحوار", "Dialogue is a must"),
        ("لا سيما في المدن الكبيرة", "Especially in the big cities"),
        ("لم يصل إلا ثلاثة وزراء", "Only three ministers arrived"),
        ("لا يقل العدد عن 5", "The number is at least 5"),
        ("غير أن الوفد وصل", "However, the delegation arrived"),
        ("أطلقت طائرة من دون طيار", "It launched a drone"),
        ("فازوا بثلاثة أهداف دون رد", "They won 3-0"),
        ("لم فعلت ذلك؟", "Why did you do that?"),
        ("وصلوا ليلا إلى القاهرة", "They arrived in Cairo at night"),
    ],
)
def test_a_negation_in_other_words_and_what_only_looks_like_one_are_not_flagged(
    source: str, target: str
) -> None:
    assert flags(source, target) == []
