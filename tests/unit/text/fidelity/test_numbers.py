"""Numbers and months: what one language tells, the other has to tell, in whatever form."""

import pytest

from models.text.fidelity import flags


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
        ("خصص 3 ملايين دينار", "He allotted 3 billion dinars."),
        ("قتل ثلاثة وعشرون شخصا", "It killed 32 people."),
        ("قتل سبعة أشخاص", "People were killed."),
        ("قتل 7 أشخاص", "Eight people were killed."),
        ("حضر رجال", "Fifteen men attended."),
        ("ارتفعت بنسبة 45 في المئة", "It rose by 45."),
        ("ارتفعت بمقدار 45 نقطة", "It rose by 45 percent."),
        ("في القرن التاسع عشر", "In the eighteenth century"),
        ("للمرة الخامسة", "For the seventh time"),
        ("في 14 شباط", "On 14 March"),
        ("في شهر أغسطس الماضي", "Last October"),
        ("في آذار/مارس 2011", "In 2011"),
        ("في 15 رمضان 1444 هـ", "On 15 Shawwal 1444 AH"),
        ("في ١٤ محرم", "On the 14th"),
        ("في الساعة 20:00", "At 9 p.m."),
        ("في الساعة 10.30", "At 10:45 am"),
    ],
)
def test_a_lost_changed_or_invented_number_is_flagged(source: str, target: str) -> None:
    assert flags(source, target) == ["number-mismatch"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("في 15 رمضان 1444 هـ الموافق 6 نيسان 2023", "On 15 Ramadan 1444 AH, 6 April 2023"),
        ("في شهر رمضان", "During the holy month"),
        ("عند الساعة 17,30 ت.غ", "At 1730 GMT"),
        ("عند 0230 بالتوقيت العالمي", "At 02:30 UTC"),
        ("عند الساعة 8 مساء", "At 2000 GMT"),
        ("عند الساعة 10.30 صباحا", "At 10:30 a.m."),
        ("عند الساعة الخامسة والنصف", "At 5.30 pm"),
        ("عند الساعة 15:00", "At 3 p.m."),
        ("بلغ ١٬٢٠٠ طن و٣٫٥٪ و۴۵ كيلومترا", "It was 1,200 tonnes, 3.5% and 45 kilometres."),
        ("بلغ 1.000.000 نسمة", "It has 1,000,000 inhabitants."),
        ("بلغ 5 ملايين", "It was 5,000,000"),
        ("حضر 3 وزراء و12 نائبا", "Three ministers and twelve deputies came."),
        ("في 14/11/2020 الساعة 17:30", "On 14 November 2020 at 5:30 pm"),
        ("الدورة 20 للمهرجان", "The twentieth festival"),
        ("منذ 2 شهر", "For a second month"),
        ("في سبعينيات القرن الماضي", "In the 1970s"),
        ("قتل ثلاثة وعشرون شخصا", "It killed 23 people."),
        ("قتل 23 شخصا", "It killed twenty-three people."),
        ("بلغ مليونين ونصف المليون", "It was 2.5 million"),
        ("مضت خمسة أعوام ونصف العام", "Five and a half years passed"),
        ("حضر مئة وخمسون ألف شخص", "One hundred and fifty thousand people came"),
        ("بلغ ألف مليار دولار", "It was $1 trillion"),
        ("ارتفعت بنسبة خمسة بالمئة", "It rose by 5 per cent"),
        ("في القرن التاسع عشر", "In the 19th century"),
        ("في القرن العشرين", "In the 20th century"),
        ("في ثلاثينيات القرن التاسع عشر", "In the 1830s"),
        ("الملك لويس السادس عشر", "King Louis XVI"),
        ("في الذكرى الثانية والأربعين", "On the forty-second anniversary"),
        ("نصف السكان وثلث النساء وربع الرجال", "50 per cent of people, a third of women, a quarter of men"),
        ("خلال موسم 1995-96", "During the 1995-1996 season"),
        ("في 14 شباط/فبراير", "On February 14th"),
        ("مارس الرياضة في المدرسة", "He practised sport at school"),
        ("التقى يان يانسن في المدرسة", "He met Jan Jansen at school"),
        ("قد يصل الوفد غدا", "The delegation may arrive tomorrow"),
        ("في تشرين الأول وكانون الثاني", "In October and January"),
        ("في 3/8/2020", "On 3 August 2020"),
        ("كمية وسمك الجليد", "The amount and thickness of the ice"),
        ("ألست عطشا؟", "Aren't you thirsty?"),
        ("لا أرقام هنا", "No figures here"),
    ],
)
def test_a_number_in_another_form_is_not_flagged(source: str, target: str) -> None:
    assert flags(source, target) == []
