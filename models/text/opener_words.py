"""The words that sentences open with, folded as a matcher compares them."""

from collections.abc import Iterable

from models.text.arabic import for_matching


def _phrases(*phrases: str) -> tuple[tuple[str, ...], ...]:
    """Longest first, so that «على الرغم من ذلك» is found before what it begins with."""
    split = {tuple(for_matching(phrase).split()) for phrase in phrases}
    return tuple(sorted(split, key=lambda words: (-len(words), words)))


def _words(words: str) -> frozenset[str]:
    return frozenset(for_matching(words).split())


def _conjugated(verbs: Iterable[str]) -> frozenset[str]:
    """He, she and they, of verbs whose past ends in a consonant."""
    return frozenset(for_matching(verb + ending) for verb in verbs for ending in ("", "ت", "وا"))


# They join a sentence to what stands before it and add nothing to what it says.
CONNECTIVES = _phrases(
    *(f"من {side} {other}" for side in ("جهة", "ناحية") for other in ("أخرى", "ثانية")),
    *(f"من {side}{whose}" for side in ("جهت", "جانب", "ناحيت") for whose in ("ه", "ها", "هم")),
    *(f"في {frame} {which}" for frame in ("سياق", "إطار", "شأن") for which in ("آخر", "متصل", "مواز")),
    *(f"في {frame} {same}" for frame in ("السياق", "الإطار") for same in ("ذاته", "نفسه")),
    *(f"في {this} {frame}" for this in ("هذا", "ذات") for frame in ("السياق", "الإطار", "الصدد", "الشأن")),
    *(f"على صعيد {other}" for other in ("آخر", "متصل", "ثان")),
    "من جانب آخر", "من جانب ثان", "في المقابل", "بالمقابل", "بدوره", "بدورها", "بدورهم",
    "في الوقت نفسه", "في الوقت ذاته", "في غضون ذلك", "في الأثناء", "في هذه الأثناء", "في تلك الأثناء",
    "إلى ذلك", "إلى جانب ذلك", "إضافة إلى ذلك", "بالإضافة إلى ذلك", "علاوة على ذلك", "فضلا عن ذلك",
    "مع ذلك", "رغم ذلك", "على الرغم من ذلك", "بالرغم من ذلك", "أيضا", "كذلك",
)  # fmt: skip

# Verbs of speech that a و or كما before them cannot belong to, and whose speaker may stand a sentence earlier.
SPEECH = _conjugated(
    ["قال", "ذكر", "أضاف", "أوضح", "أشار", "أكد", "تابع", "لفت", "شدد", "اعتبر", "حذر", "توقع", "كشف", "أعلن", "صرح", "أعرب", "نوه", "أردف", "استطرد", "واصل", "طالب", "أفاد", "أبلغ", "رجح", "اتهم", "انتقد", "ألمح", "جدد", "استدرك", "علق", "أجاب", "تعهد", "تساءل", "ختم", "اختتم", "خلص", "حث"]
) | _words(
    "دعا دعت دعوا رأى رأت رأوا نفى نفت نفوا أبدى أبدت أبدوا مضى مضت "
    "يقول تقول يضيف تضيف يوضح توضح يؤكد تؤكد يشير تشير يتابع تتابع يلفت تلفت يشدد تشدد يرى ترى"
)
# What follows such a verb at once where its subject is not named.
NO_SUBJECT = _words(
    "أن إن أنه أنها أنهم أنهما أننا أنني بأن بأنه بأنها إلى على عن في من خلال قائلا قائلة "
    "ل لوكالة لصحيفة لمجلة لقناة لإذاعة لتلفزيون لموقع"
)
TO_THE = "لل"
THAT = _words("أن إن أنه أنها أنهم بأن بأنه بأنها")
# They may stand between such a verb and its subject.
ADVERBS = _words("أيضا كذلك أمس اليوم مجددا لاحقا سابقا")

# With one of these first, a sentence says nothing whole without the one before it.
LEANING = _phrases(
    *["هو", "هي", "هم", "هما", "هن", "إنه", "إنها", "إنهم", "إنهما", "لأنه", "لأنها", "لأنهم", "لكن", "لكنه", "لكنها", "لكنهم", "بل", "ثم", "مما", "حيث", "إذ"],
    *["التي", "الذي", "الذين", "اللذان", "اللتان", "لذا", "لذلك", "لهذا", "هكذا", "بذلك", "بهذا", "بالتالي", "عندها", "عندئذ", "حينها", "آنذاك"],
    *["منه", "منها", "منهم", "فيه", "فيها", "بينها", "بينهم", "بعدها", "قبلها", "ثانيا", "ثالثا", "رابعا", "خامسا"],
    "غير أن", "إلا أن", "إلا أنه", "إلا أنها", "غير أنه", "غير أنها", "بيد أن", "بيد أنه", "بيد أنها",
    "بناء عليه", "الأمر الذي", "بعد ذلك", "قبل ذلك", "نتيجة لذلك", "كان قد", "كانت قد", "كانوا قد",
    "كما أنه", "كما أنها", "كما أنهم", "من ثم",
)  # fmt: skip
DEMONSTRATIVES = _words("هذا هذه هذان هذين هاتان ذلك تلك هؤلاء أولئك")
# After a demonstrative they mean the time of writing: «هذا العام».
TIMES = _words("العام السنة الأسبوع اليوم الشهر الصيف الشتاء الخريف الربيع الموسم الليلة الصباح المساء")
# What can follow the «هذا و» that only passes to something else.
AFTER_THIS_AND = SPEECH | _words("قد كان كانت يذكر تجدر من في تم")
