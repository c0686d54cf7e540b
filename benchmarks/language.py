"""The language check beside its alternatives: how often each one rightly accepts or refuses."""

import argparse
import csv
import lzma
from collections.abc import Callable
from pathlib import Path

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from models.text.arabic import count_arabic_letters
from models.text.language import detect

Sentence = tuple[str, bool]  # text, and whether it is Arabic
Check = Callable[[str], bool]

_OWN = Path(__file__).with_name("language.tsv")
_ARABIC = ("ar", "ary", "arz")
_SAME_SCRIPT = (*_ARABIC, "fa", "ur", "ps", "ug", "sdh")
_NOT_IN_ARABIC = set("پچژگیکٹڈڑںےہټډړږښځڅېۍڼڕڵۆێەۈۋڭۇ")
_PERSIAN_KEYS = str.maketrans("يك", "یک")


def checks() -> dict[str, Check]:
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    same_script = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    same_script.set_languages(_SAME_SCRIPT)

    def by_letters(text: str) -> bool:
        foreign = sum(1 for char in text if char in _NOT_IN_ARABIC)
        return _is_arabic_script(text) and foreign < count_arabic_letters(text) * 0.04

    return {
        "py3langid": lambda text: whole.classify(text)[0] in _ARABIC,
        "py3langid, Arabic script only": lambda text: (
            _is_arabic_script(text) and same_script.classify(text)[0] in _ARABIC
        ),
        "letters": by_letters,
        "ours": lambda text: detect(text).is_arabic,
    }


def _is_arabic_script(text: str) -> bool:
    letters = sum(1 for char in text if char.isalpha())
    return 0 < letters <= 3 * count_arabic_letters(text)


def own_sentences() -> dict[str, list[Sentence]]:
    sets: dict[str, list[Sentence]] = {}
    with _OWN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            sets.setdefault(row["kind"], []).append((row["text"], row["language"] == "ar"))
    return sets


def arabic_sets(path: Path, limit: int) -> dict[str, list[Sentence]]:
    """The file's lines whole, cut to their first words, and as a Persian keyboard types them."""
    lines = _lines(path, limit)
    sets = {path.name: [(line, True) for line in lines]}
    for words in (1, 2, 3, 5):
        sets[f"{path.name}, {words} w."] = [(" ".join(x.split()[:words]), True) for x in lines]
    sets[f"{path.name}, ی ک"] = [(line.translate(_PERSIAN_KEYS), True) for line in lines]
    return sets


def _lines(path: Path, limit: int) -> list[str]:
    """The first field of each line, spread evenly over the file where it has more than `limit`."""
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        lines = [line.split("\t")[0].strip() for line in file]
    return lines[:: -(-len(lines) // limit)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arabic", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--other", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--limit", type=int, default=4000, help="lines taken from each file")
    arguments = parser.parse_args()

    sets = own_sentences()
    for path in arguments.arabic:
        sets |= arabic_sets(path, arguments.limit)
    for path in arguments.other:
        sets[path.name] = [(line, False) for line in _lines(path, arguments.limit)]

    contenders = checks()
    print("| sentences | n | " + " | ".join(contenders) + " |")
    print("|---|---:|" + "---:|" * len(contenders))
    for name, sentences in sets.items():
        rights = [
            sum(check(text) == arabic for text, arabic in sentences) / len(sentences)
            for check in contenders.values()
        ]
        print(f"| {name} | {len(sentences)} | " + " | ".join(f"{x:.1%}" for x in rights) + " |")


if __name__ == "__main__":
    main()
