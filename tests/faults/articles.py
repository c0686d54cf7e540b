"""Articles made up from a seed: plain news sentences, most of them unlike any other."""

import random

_WHO = ("الوزير", "رئيس البلدية", "المتحدث باسم الحكومة", "مدير الشركة", "رئيس اللجنة", "السفير", "الخبير")
_SAID = ("أعلن", "أكد", "كشف", "تحدث", "أفاد")
_WHERE = ("في بغداد", "في القاهرة", "في عمّان", "في الرباط", "في الرياض", "في دمشق", "في تونس")
_WHAT = (
    "عن خطة جديدة لتطوير التعليم",
    "عن مشروع لبناء مدارس في القرى البعيدة",
    "عن تراجع أسعار النفط هذا الأسبوع",
    "عن افتتاح مستشفى جديد للأطفال",
    "عن اتفاق تجاري مع دول الجوار",
    "عن حملة لزراعة الأشجار على الطرق",
)
_DETAIL = ("بقيمة {} مليون دولار", "خلال {} يوما", "يستفيد منها {} مواطنا", "بعد {} اجتماعا")
_ENDS = (".", ".", ".", "!", "؟")


def article(chance: random.Random, sentences: int) -> str:
    return " ".join(_sentence(chance) for _ in range(sentences))


def _sentence(chance: random.Random) -> str:
    detail = chance.choice(_DETAIL).format(chance.randrange(2, 100_000))
    words = (chance.choice(_SAID), chance.choice(_WHO), chance.choice(_WHERE), chance.choice(_WHAT), detail)
    return " ".join(words) + chance.choice(_ENDS)
