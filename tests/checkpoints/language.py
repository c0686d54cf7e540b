"""The toy language: Arabic words with one English word each, so that a tiny model can learn to translate."""

import random
from collections.abc import Iterator

LEXICON = {
    "قال": "said", "الوزير": "minister", "خطة": "plan", "جديدة": "new", "مهمة": "important",
    "كتاب": "book", "مدرسة": "school", "مدينة": "city", "الرئيس": "president", "زار": "visited",
    "أمس": "yesterday", "اليوم": "today", "غدا": "tomorrow", "في": "in", "من": "from", "إلى": "to",
    "على": "on", "مع": "with", "بعد": "after", "قبل": "before", "ماء": "water", "نفط": "oil",
    "سعر": "price", "ارتفع": "rose", "انخفض": "fell", "سوق": "market", "بنك": "bank", "عام": "year",
    "شهر": "month", "حرب": "war", "سلام": "peace", "اتفاق": "deal", "وقع": "signed", "فريق": "team",
    "فاز": "won", "خسر": "lost", "مباراة": "match", "لاعب": "player", "طبيب": "doctor", "مرض": "disease",
    "دواء": "medicine", "سيارة": "car", "طائرة": "plane", "قطار": "train", "بحر": "sea", "جبل": "mountain",
    "مطر": "rain", "شمس": "sun", "برد": "cold", "حر": "heat",
}  # fmt: skip

_MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
_ODD = [
    "12.5", "٢٠٢٤", "1,000", "Reuters", "BBC News", "😀", "👍🏽", "«خبر»", '"quoted"', "“curly”", "؟",
    "!", "،", "؛", "...", "…", "%", "٪", "(1)", "a@b.com", "https://x.org/?a=1", "漢字", "ﷺ", "ﻻ",
    "½", "e\u0301", "\u0640\u0640", "İstanbul", "Ωmega", "\u00a0", "  ", "<br>", "&amp;", "#وسم",
    "@user", "C++", "<unk", "\u2581", "㍿", "🇸🇦",
]  # fmt: skip
INJECTIONS = [
    "</s>", "<s>", "<unk>", "<pad>", "<mask>", "<2en>", "eng_Latn", "__en__", "en_XX", ">>eng<<",
    "<extra_id_0>",
]  # fmt: skip


def pairs(count: int, seed: int, longest: int = 8) -> Iterator[tuple[str, str]]:
    """Sentences of two words or more and their translations, word by word."""
    chance = random.Random(seed)
    words = list(LEXICON)
    for _ in range(count):
        source = chance.choices(words, k=chance.randint(2, longest))
        yield " ".join(source), " ".join(LEXICON[word] for word in source)


def odd_sentences(count: int, seed: int) -> list[str]:
    """Sentences with tashkeel, digits, Latin, emoji, quotes, rare characters and double spaces."""
    chance = random.Random(seed)
    return [_odd_sentence(chance) for _ in range(count)]


def _odd_sentence(chance: random.Random) -> str:
    words = chance.choices(list(LEXICON), k=chance.randint(2, 10))
    for index, word in enumerate(words):
        if chance.random() < 0.3:
            words[index] = "".join(char + chance.choice(["", *_MARKS]) for char in word)
        if chance.random() < 0.2:
            words[index] = chance.choice("وبلف") + words[index]
    for _ in range(chance.randint(0, 4)):
        words.insert(chance.randint(0, len(words)), chance.choice(_ODD))
    return chance.choice([" ", " ", " ", "  "]).join(words)
