"""Translation scores: BLEU and chrF as sacrebleu computes them, and fidelity to the source."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.text.fidelity import flags

_CHECKS = {
    "number-mismatch": "numbers kept",
    "question-lost": "questions kept",
    "negation-lost": "negations kept",
    "latin-lost": "Latin names kept",
    "repetition": "no repetition",
    "untranslated": "no Arabic left",
    "length-ratio": "plausible length",
}


@dataclass(frozen=True, slots=True)
class Score:
    """`bleu` and `chrf` are 0–100; `fidelity` maps a check to the share (0–1) of segments passing."""

    system: str
    bleu: float
    chrf: float
    fidelity: dict[str, float]
    signatures: tuple[str, str]


def read_lines(path: Path) -> list[str]:
    """Sentences that stand one a line; the last line may lack its end."""
    return path.read_text("utf-8").removesuffix("\n").split("\n")


def score(system: str, sources: Sequence[str], hypotheses: Sequence[str], references: Sequence[str]) -> Score:
    """Score one system; ValueError where the three lists are not of one length."""
    from sacrebleu.metrics import BLEU, CHRF

    if not len(sources) == len(hypotheses) == len(references):
        counts = f"{len(sources)} sources, {len(hypotheses)} and {len(references)} lines"
        raise ValueError(f"{system}: {counts} of hypotheses and references")
    bleu, chrf = BLEU(), CHRF()
    return Score(
        system=system,
        bleu=float(bleu.corpus_score(list(hypotheses), [list(references)]).score),
        chrf=float(chrf.corpus_score(list(hypotheses), [list(references)]).score),
        fidelity=fidelity(sources, hypotheses),
        signatures=(f"BLEU|{bleu.get_signature()}", f"chrF|{chrf.get_signature()}"),
    )


def fidelity(sources: Sequence[str], hypotheses: Sequence[str]) -> dict[str, float]:
    """Share of segments that pass each check; an empty set passes all."""
    failed: Counter[str] = Counter()
    for source, hypothesis in zip(sources, hypotheses, strict=True):
        failed.update(set(flags(source, hypothesis)))
    total = max(1, len(sources))
    return {label: 1.0 - failed[flag] / total for flag, label in _CHECKS.items()}


def table(scores: Sequence[Score]) -> str:
    """One Markdown table, a row a system, and sacrebleu's signatures under it."""
    labels = list(_CHECKS.values())
    heads = ["system", "BLEU", "chrF", *labels]
    rows = [heads, ["---", *(["---:"] * (len(heads) - 1))]]
    for one in scores:
        shares = [f"{100 * one.fidelity[label]:.1f} %" for label in labels]
        rows.append([one.system, f"{one.bleu:.1f}", f"{one.chrf:.1f}", *shares])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    signatures = sorted({signature for one in scores for signature in one.signatures})
    return "\n".join([*lines, "", *signatures])
