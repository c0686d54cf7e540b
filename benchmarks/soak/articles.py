"""The articles of the soak: short Arabic news, made up of sentences that are new and some that are not."""

from itertools import count
from random import Random

_WHO = ("الوزير", "المحافظ", "رئيس البلدية", "مدير المستشفى", "المتحدث باسم الشركة", "رئيسة اللجنة")
_SAID = ("أعلن", "أكد", "أوضح", "ذكر", "أفاد")
_WHERE = ("عمان", "بغداد", "القاهرة", "دمشق", "بيروت", "الرباط", "تونس", "الخرطوم")
_WHAT = (
    "بناء {n} مدرسة جديدة قبل نهاية العام المقبل",
    "توزيع {n} طنا من القمح على القرى المجاورة",
    "إصلاح {n} كيلومترا من الطرق بعد الأمطار الأخيرة",
    "استقبال {n} زائرا في المعرض السنوي للكتاب",
    "زراعة {n} شجرة على ضفاف النهر خلال الربيع",
)
_REPEATED = (
    "ولم تصدر حتى الآن أي تعليقات من الجهات الأخرى.",
    "ومن المنتظر أن تعقد اللجنة اجتماعها القادم يوم الأحد.",
    "وتأتي هذه الخطوة بعد أشهر من المشاورات مع السكان.",
)
_OLD_ARTICLES = 20


class Articles:
    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._numbers = count(1_000)
        self._old = [self.new() for _ in range(_OLD_ARTICLES)]

    def new(self) -> str:
        """Two to four sentences that were never seen, and often one that was."""
        sentences = [self._sentence() for _ in range(self._chance.randint(2, 4))]
        if self._chance.random() < 0.5:
            sentences.append(self._chance.choice(_REPEATED))
        return " ".join(sentences)

    def old(self) -> str:
        """One of twenty that come again and again."""
        return self._chance.choice(self._old)

    def _sentence(self) -> str:
        said, who, where = (self._chance.choice(words) for words in (_SAID, _WHO, _WHERE))
        what = self._chance.choice(_WHAT).format(n=next(self._numbers))
        return f"{said} {who} في {where} أنه سيتم {what}."
