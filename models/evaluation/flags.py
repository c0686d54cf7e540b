"""The command line of the flags, `khulasa eval flags --source AR --reference EN …`: how far to trust them."""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.evaluation.damage import DAMAGES
from models.evaluation.translation import read_lines
from models.text.fidelity import FLAGS, flags

Pair = tuple[str, str]


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sources = read_lines(options.source)
    systems = {path.name: _pairs(sources, path) for path in (options.reference, *options.hypotheses)}
    good = systems[options.reference.name]
    if options.examples:
        print(examples(good, options.examples))
        return 0
    print(raised(systems))
    print(caught(good, options.seed))
    return 0


def raised(systems: dict[str, list[Pair]]) -> str:
    """A Markdown table: how many of each system's pairs have each flag."""
    counts = {system: Counter(_all_flags(pairs)) for system, pairs in systems.items()}
    lines = [_row(["flag", *systems]), _row(["---", *["---:"] * len(systems)])]
    for flag in [*FLAGS, "any"]:
        shares = [_share(counts[system][flag], len(pairs)) for system, pairs in systems.items()]
        lines.append(_row([f"`{flag}`" if flag in FLAGS else flag, *shares]))
    return "\n".join([*lines, ""])


def caught(pairs: Sequence[Pair], seed: int) -> str:
    """A Markdown table: how many good pairs, each damaged in one way, then have the flag that names it.

    A pair that has the flag without any damage is not counted.
    """
    lines = [_row(["damage", "flag", "caught"]), _row(["---", "---", "---:"])]
    already = [flags(source, target) for source, target in pairs]
    for damage in DAMAGES:
        chance = random.Random(f"{seed} {damage.name}")
        tried = found = 0
        for (source, target), before in zip(pairs, already, strict=True):
            damaged = damage.do(source, target, chance)
            if damaged is None or damaged == target or damage.flag in before:
                continue
            tried += 1
            found += damage.flag in flags(source, damaged)
        lines.append(_row([damage.name, f"`{damage.flag}`", _share(found, tried)]))
    return "\n".join(lines)


def examples(pairs: Sequence[Pair], flag: str) -> str:
    """The pairs that have the flag."""
    return "\n".join(
        f"{number}\t{source}\t{target}"
        for number, (source, target) in enumerate(pairs, start=1)
        if flag in flags(source, target)
    )


def _pairs(sources: Sequence[str], path: Path) -> list[Pair]:
    targets = read_lines(path)
    if len(targets) != len(sources):
        raise ValueError(f"{path} has {len(targets)} lines for {len(sources)} sources")
    return list(zip(sources, targets, strict=True))


def _all_flags(pairs: Iterable[Pair]) -> Iterable[str]:
    for source, target in pairs:
        if found := flags(source, target):
            yield from (*found, "any")


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} % ({count} of {total:,})" if total else "none to try"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="khulasa eval flags", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="Arabic, a sentence a line")
    parser.add_argument("--reference", type=Path, required=True, help="good English, line for line")
    parser.add_argument(
        "--hypotheses", type=Path, nargs="*", default=[], help="what systems gave, line for line"
    )
    parser.add_argument("--seed", type=int, default=7, help="of the damage")
    parser.add_argument("--examples", choices=FLAGS, metavar="FLAG", help="show the pairs with it instead")
    return parser


if __name__ == "__main__":
    sys.exit(main())
