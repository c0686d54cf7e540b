"""The words that sentences open with, folded as a matcher compares them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from models.text.arabic import for_matching

Phrases = Mapping[str, Sequence[tuple[str, ...]]]  # by first word


def _words(words: str) -> frozenset[str]:
    return frozenset(for_matching(words).split())


def _phrases(lines: str) -> Phrases:
    """Phrases between commas, where a/b stands for either; longest first, so that none hides a longer one."""
    found: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for phrase in for_matching(lines).split(","):
        forms: list[tuple[str, ...]] = [()]
        for word in phrase.split():
            forms = [(*form, choice) for form in forms for choice in word.split("/")]
        for form in forms:
            found[form[0]].append(form)
    return {word: sorted(phrases, key=len, reverse=True) for word, phrases in found.items()}


def _conjugated(verbs: str) -> frozenset[str]:
    """He, she and they, of verbs whose past ends in a consonant."""
    return _words(" ".join(verb + ending for verb in verbs.split() for ending in ("", "ت", "وا")))


# They join a sentence to what stands before it and add nothing to what it says.
CONNECTIVES = _phrases(
    "من جهة/ناحية أخرى/ثانية، من جانب آخر/ثان، من جهته/جهتها/جهتهم/جانبه/جانبها/جانبهم/ناحيته/ناحيتها، "
    "في سياق/إطار/شأن آخر/متصل/مواز، في السياق/الإطار ذاته/نفسه، في هذا/ذات السياق/الإطار/الصدد/الشأن، "
    "على صعيد آخر/متصل/ثان، في المقابل، بالمقابل، بدوره/بدورها/بدورهم، في الوقت نفسه/ذاته، في غضون ذلك، "
    "في الأثناء، في هذه/تلك الأثناء، إلى ذلك، إلى جانب ذلك، إضافة/بالإضافة إلى ذلك، علاوة على ذلك، "
    "فضلا عن ذلك، مع/رغم/برغم ذلك، على الرغم من ذلك، بالرغم من ذلك، أيضا، كذلك"
)
# What is left without the connective begins with them: it answers to it, and is no sentence of its own.
ANSWERS = _words("فإن فإنه فإنها فإنهم فقد فهو فهي فهم فلا فلم فلن فليس فكان فكانت فقال فأعلن فأكد وقد وإن")

# Verbs of speech, whose speaker may stand a sentence earlier.
SPEECH = _conjugated(
    "قال ذكر أضاف أوضح أشار أكد تابع لفت شدد اعتبر حذر توقع كشف أعلن صرح أعرب نوه أردف استطرد واصل "
    "طالب أفاد أبلغ رجح اتهم انتقد ألمح جدد استدرك علق أجاب زاد تعهد تساءل ختم اختتم خلص حث"
) | _words(
    "دعا دعت دعوا رأى رأت رأوا نفى نفت نفوا أبدى أبدت أبدوا مضى مضت "
    "يقول تقول يضيف تضيف يوضح توضح يؤكد تؤكد يشير تشير يتابع تتابع يلفت تلفت يشدد تشدد يرى ترى"
)
# What follows such a verb at once where its subject is not named.
NO_SUBJECT = _words(
    "أن إن أنه أنها أنهم أنهما أننا أنني بأن بأنه بأنها إلى على عن في من خلال قائلا قائلة "
    "ل لوكالة لصحيفة لمجلة لقناة لإذاعة لتلفزيون لموقع لرويترز بالقول ردا مخاطبا معلقا ضرورة أهمية"
)
THAT = _words("أن إن أنه أنها أنهم بأن بأنه بأنها")
# They may stand between such a verb and its subject.
ADVERBS = _words("أيضا كذلك أمس اليوم مجددا لاحقا سابقا")

# With one of these first, a sentence says nothing whole without the one before it.
LEANING = _phrases(
    "هو، هي، هم، هما، هن، إنه/إنها/إنهم/إنهما، لأنه/لأنها/لأنهم، لكن/لكنه/لكنها/لكنهم، بل، ثم، مما، حيث، "
    "إذ، التي، الذي، الذين، اللذان، اللتان، لذا، لذلك، لهذا، هكذا، بذلك، بهذا، بالتالي، عندها، عندئذ، "
    "حينها، آنذاك، منه، منها، منهم، فيه، فيها، بينها، بينهم، بعدها، قبلها، ثانيا، ثالثا، رابعا، خامسا، "
    "غير/إلا/بيد أن/أنه/أنها/أنهم، بناء عليه، الأمر الذي، بعد/قبل ذلك، نتيجة لذلك، من ثم، "
    "من بينهم/بينها/بينهن، يأتي/تأتي/جاء/جاءت ذلك/هذا/هذه/تلك، كان/كانت/كانوا قد، كما/وكما أنه/أنها/أنهم"
)
DEMONSTRATIVES = _words("هذا هذه هذان هذين هاتان ذلك تلك هؤلاء أولئك")
# After a demonstrative they mean the time of writing: «هذا العام».
TIMES = _words("العام السنة الأسبوع اليوم الشهر الصيف الشتاء الخريف الربيع الموسم الليلة الصباح المساء")
# What can follow the «هذا و» that only passes to something else.
AFTER_THIS_AND = SPEECH | _words("قد كان كانت يذكر تجدر من في تم")
