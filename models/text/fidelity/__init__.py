"""Fidelity: signs that a translated segment lost or bent something, each by a cheap check of the text."""

from models.text.arabic import count_arabic_letters, for_engine
from models.text.fidelity.copies import copies_source, loses_latin
from models.text.fidelity.marks import loses_exclamation, loses_question
from models.text.fidelity.negation import loses_negation
from models.text.fidelity.numbers import bends_numbers
from models.text.fidelity.shape import is_oddly_long, loops

__all__ = ["FLAGS", "flags", "loops"]

# Each is asked of the source and the target as engines read them; docs/flags.md has how often each is wrong.
_CHECKS = {
    "number-mismatch": bends_numbers,
    "untranslated": lambda _source, target: count_arabic_letters(target) > 0,
    "source-copied": copies_source,
    "repetition": lambda source, target: loops(target) and not loops(source),
    "length-ratio": is_oddly_long,
    "question-lost": loses_question,
    "exclamation-lost": loses_exclamation,
    "negation-lost": loses_negation,
    "latin-lost": loses_latin,
}
FLAGS = tuple(_CHECKS)


def flags(source: str, target: str) -> list[str]:
    """What is doubtful about this Arabic segment's English, in the order of FLAGS; empty when all is well."""
    source, target = for_engine(source), for_engine(target)
    return [name for name, is_raised in _CHECKS.items() if is_raised(source, target)]
