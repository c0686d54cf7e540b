"""The command line of training: `python -m models.training STAGE …`."""

import argparse
import dataclasses
import json
import math
import sys
import time
from pathlib import Path

from models.training import checkpoint, launch, recipe, stages


def main(arguments: list[str] | None = None) -> int:
    started = time.monotonic()
    options = _parser().parse_args(arguments)
    run: Path = getattr(options, "run", Path())
    match options.stage:
        case "prepare":
            report = stages.prepare(options.files, options.held_out, run, reverse=options.reverse)
            print(json.dumps(report, indent=2))
        case "vocabulary":
            stages.learn_vocabulary(recipe.read(options.recipe), run)
        case "train":
            _train(options, started)
        case "average":
            stages.average(run, options.last)
        case "export":
            facts = {
                "licence": options.licence,
                "draft": options.draft,
                "quantization": options.quantization,
                "max_source_tokens": options.max_source_tokens,
                "repetition_penalty": options.repetition_penalty,
            }
            made = recipe.read(options.recipe)
            checkpoint = options.checkpoint or run / stages.AVERAGED
            stages.export(made, run, checkpoint, options.into, facts)
        case "score":
            sets = {name: (Path(source), Path(target)) for name, source, target in options.set}
            print(stages.score(options.into, sets))
        case "translate":
            _translate(options)
    return 0


def _train(options: argparse.Namespace, started: float) -> None:
    chosen = recipe.read(options.recipe)
    if options.max_minutes:
        chosen = dataclasses.replace(chosen, max_minutes=options.max_minutes)
    source, target = options.validation
    pause_at = started + 60 * (options.pause_after or math.inf)
    launch.train(
        chosen,
        options.run,
        (source, target),
        device_name=options.device,
        replicas=options.replicas,
        workers=options.workers,
        start_from=options.start_from,
        pause_at=pause_at,
    )


def _translate(options: argparse.Namespace) -> None:
    from models.training.synthesis import synthesise

    choices = {"keep": options.keep, "device": options.device, "beam_size": options.beam_size}
    made, flagged = synthesise(options.model, options.text, options.into, reverse=options.reverse, **choices)
    print(f"{made} pairs; {flagged} more left out for a flag")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    actions = parser.add_subparsers(dest="stage", required=True)

    def stage(name: str, purpose: str, *, in_run: bool = True) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=purpose, description=purpose)
        if in_run:
            action.add_argument("--run", type=Path, required=True, help="directory of this run")
        return action

    action = stage("prepare", "clean Arabic<TAB>English files, plain or .xz")
    action.add_argument("files", type=Path, nargs="+")
    action.add_argument("--held-out", type=Path, nargs="*", default=[], help="never trained on")
    action.add_argument("--reverse", action="store_true", help="for a model from English into Arabic")
    action = stage("vocabulary", "learn the two SentencePiece vocabularies")
    action.add_argument("--recipe", type=Path, required=True)
    action = stage("train", "train, or go on training")
    action.add_argument("--recipe", type=Path, required=True)
    action.add_argument("--validation", type=Path, nargs=2, required=True, metavar=("AR", "EN"))
    action.add_argument("--start-from", type=Path, metavar="CHECKPOINT", help="whose weights a new run takes")
    action.add_argument("--device", default="auto", help="auto, cpu or cuda")
    action.add_argument("--replicas", type=int, help="processes that train, on a CPU; one a core")
    action.add_argument("--workers", type=int, help="processes that make batches; 0: none")
    action.add_argument("--max-minutes", type=float, help="in place of the recipe's")
    action.add_argument("--pause-after", type=float, metavar="MINUTES", help="go on with the next call")
    action = stage("average", "average the last snapshots")
    action.add_argument("--last", type=int, default=0, help="how many; all that were kept")
    action = stage("export", "write CTranslate2 weights and their manifest")
    action.add_argument("--recipe", type=Path, required=True)
    action.add_argument("--checkpoint", type=Path, help="in place of the average")
    action.add_argument("--into", type=Path, required=True, help="directory of the weights")
    action.add_argument("--licence", required=True)
    action.add_argument("--draft", action="store_true", help="say that better is to come")
    action.add_argument("--quantization", default="int8", help="as CTranslate2 names them")
    action.add_argument("--max-source-tokens", type=int, default=128, help="longest segment")
    action.add_argument("--repetition-penalty", type=float, default=1.0, help="what decodes best")
    action = stage("score", "score the exported weights and write the scores into the manifest")
    action.add_argument("--into", type=Path, required=True, help="directory of the weights")
    action.add_argument("--set", nargs=3, action="append", required=True, metavar=("NAME", "AR", "EN"))
    action = stage("translate", "make synthetic pairs of text in one language", in_run=False)
    action.add_argument(
        "--model", type=Path, required=True, help="directory of exported weights, or a checkpoint"
    )
    action.add_argument("--reverse", action="store_true", help="a checkpoint that translates from English")
    action.add_argument("--from", type=Path, required=True, dest="text", help="one sentence a line")
    action.add_argument("--into", type=Path, required=True, help="a .tsv or .tsv.xz file for `prepare`")
    action.add_argument("--keep", type=float, default=1.0, help="share of the pairs, the surest")
    action.add_argument("--beam-size", type=int, default=4, help="a checkpoint's is 2 at least")
    action.add_argument("--device", default="auto", help="auto, cpu or cuda")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (FileNotFoundError, checkpoint.ForeignFile) as error:
        sys.exit(str(error))
