"""The command line of evaluation: `python -m models.evaluation --source AR --reference EN …`."""

import argparse
import sys
from pathlib import Path

from models.engines.contract import EngineOptions
from models.evaluation import served, translation


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    sources = translation.read_lines(options.source)
    references = translation.read_lines(options.reference)
    outputs: dict[str, list[str]] = {}
    for directory in options.model:
        engine = EngineOptions(threads=options.threads, beam_size=options.beam_size)
        # Two models of one name are told apart by where they are.
        name = str(directory) if directory.name in outputs else directory.name
        outputs[name] = served.translate(directory, sources, engine)
    for path in options.hypotheses:
        outputs[path.name.split(".")[-2] if path.suffix == ".en" else path.name] = translation.read_lines(
            path
        )
    scores = [
        translation.score(system, sources, hypotheses, references) for system, hypotheses in outputs.items()
    ]
    print(translation.table(scores))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation", description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="Arabic, a sentence a line")
    parser.add_argument("--reference", type=Path, required=True, help="English, line for line")
    parser.add_argument(
        "--model", type=Path, nargs="*", default=[], help="directories of CTranslate2 weights"
    )
    parser.add_argument(
        "--hypotheses",
        type=Path,
        nargs="*",
        default=[],
        help="what other systems gave, line for line, as NAME.SYSTEM.en",
    )
    parser.add_argument("--beam-size", type=int, default=EngineOptions.beam_size)
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    sys.exit(main())
