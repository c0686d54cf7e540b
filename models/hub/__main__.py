"""The command line of models: `python -m models.hub list | pull NAME | verify [NAME] | remove NAME`."""

import argparse
import signal
import sys
from pathlib import Path

from jobs.errors import KhulasaError
from models.catalog import Entry, read_catalog
from models.engines.contract import EngineOptions
from models.engines.device import Device, choose_device
from models.hub import listing
from models.hub.errors import HubError, of_disk
from models.hub.store import Store
from models.hub.verify import faults_of
from models.hub.wanted import checked_name, find, is_reserved
from models.installed import BUNDLED_TRANSLATION, open_model

_QUANTIZATIONS = ("int8", "int8_float16", "int8_bfloat16", "float16", "bfloat16", "float32")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a stopped pull tidies up
    try:
        return int(options.run(options))
    except (HubError, KhulasaError) as error:
        _complain(str(error))
    except OSError as error:
        _complain(str(of_disk(error, options.models_dir)))
    except KeyboardInterrupt:
        _complain("stopped; what was installed is as it was")
        return 130
    return 1


def _list(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a list piped into `head` ends without a word
    settings = listing.Settings(options.models_dir, options.translation_model, options.summary_model)
    print(listing.table(listing.rows(settings, _catalog(options))))
    return 0


def _pull(options: argparse.Namespace) -> int:
    wanted = find(options.name, _catalog(options), name=options.called, revision=options.revision)
    # The libraries that pull need not be where models are only listed, verified and removed.
    from models.hub.download import be_quiet
    from models.hub.pull import How, pull

    be_quiet(bars=sys.stderr.isatty())
    how = How(
        engine=options.engine,
        device=_device(options.device),
        step=options.step,
        quantization=options.quantization,
        smoke=options.smoke,
        replace=options.replace,
    )
    model = pull(wanted, Store(options.models_dir), how, _say)
    print(f"{model.name} is installed: {model.info().size_bytes / 1_000_000:,.0f} MB in {options.models_dir}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    folders = [options.models_dir / options.name] if options.name else _all(options.models_dir)
    if options.name == open_model(BUNDLED_TRANSLATION).name:
        folders = [BUNDLED_TRANSLATION]
    engine = EngineOptions(engine=options.engine, device=options.device)
    whole = True
    for folder in folders:
        if not folder.is_dir():
            raise HubError(f"{options.name} is not installed; `khulasa models list` says what is")
        faults = faults_of(folder, engine)
        whole = whole and not faults
        for fault in faults:
            _complain(fault)
        if not faults:
            print(f"{open_model(folder).name}: whole, and it answers")
    return 0 if whole else 1


def _remove(options: argparse.Namespace) -> int:
    name = options.name
    if is_reserved(name) and not (options.models_dir / name).exists():
        raise HubError(f"{name} comes with Khulasa and stays")
    name = name if is_reserved(name) else checked_name(name)
    store = Store(options.models_dir)
    with store.locked(lambda: _say("a pull is at work here; waiting for its end")):
        store.remove(name)
    print(f"{name} is removed")
    return 0


def _all(models_dir: Path) -> list[Path]:
    there = sorted(models_dir.iterdir()) if models_dir.is_dir() else []
    return [*(path for path in there if not path.name.startswith(".")), BUNDLED_TRANSLATION]


def _catalog(options: argparse.Namespace) -> dict[str, Entry]:
    try:
        return read_catalog(options.catalog)
    except ValueError as error:
        raise HubError(" ".join(str(error).split())) from error


def _device(setting: str) -> Device:
    import ctranslate2

    return choose_device(setting, lambda: ctranslate2.get_cuda_device_count() > 0)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _complain(text: str) -> None:
    _say(f"khulasa: {text}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="khulasa models", description="Models: list, pull, verify, remove.")
    parser.add_argument("--models-dir", type=Path, default=Path(".khulasa/models"))
    parser.add_argument(
        "--catalog", type=Path, action="append", default=[], help="a TOML file of further models"
    )
    parser.add_argument("--engine", choices=("ctranslate2", "transformers"), default="ctranslate2")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--translation-model", help="what KHULASA_TRANSLATION_MODEL says")
    parser.add_argument("--summary-model", help="what KHULASA_SUMMARY_MODEL says")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listed = commands.add_parser(
        "list", help="what is installed, what runs by default and why, what can be pulled"
    )
    listed.set_defaults(run=_list)

    pulled = commands.add_parser("pull", help="download a model, convert it, try it out, put it in place")
    pulled.add_argument("name", help="a known model, an ORGANISATION/MODEL of the hub, or a ./FOLDER")
    pulled.add_argument("--name", dest="called", help="what to call it here")
    pulled.add_argument("--revision", help="a commit, branch or tag of the hub")
    pulled.add_argument(
        "--step", choices=("translation", "summary"), help="for what the catalog does not know"
    )
    pulled.add_argument("--quantization", choices=_QUANTIZATIONS, help="int8, or 16 bits on CUDA")
    pulled.add_argument("--engine", choices=("ctranslate2", "transformers"), default=argparse.SUPPRESS)
    pulled.add_argument("--device", choices=("auto", "cpu", "cuda"), default=argparse.SUPPRESS)
    pulled.add_argument(
        "--no-smoke", dest="smoke", action="store_false", help="install it without trying it out"
    )
    pulled.add_argument(
        "--replace", action="store_true", help="let it take the place of another model of its name"
    )
    pulled.set_defaults(run=_pull)

    verified = commands.add_parser(
        "verify", help="are the files what was put there, and does the model answer"
    )
    verified.add_argument("name", nargs="?", help="all of them, the bundled one too, where it is left out")
    verified.set_defaults(run=_verify)

    removed = commands.add_parser("remove", help="take a model off the disk")
    removed.add_argument("name")
    removed.set_defaults(run=_remove)
    return parser


if __name__ == "__main__":
    sys.exit(main())
