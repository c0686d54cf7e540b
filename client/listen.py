"""The command `khulasa webhooks listen`: a small receiver that checks every delivery and shows it."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from client.webhooks.console import Console
from client.webhooks.deliveries import Verifier, new_secret
from client.webhooks.receiver import Receiver

_SECRET = "KHULASA_WEBHOOK_SECRET"  # noqa: S105  # the variable's name
_STOPS = (signal.SIGINT, signal.SIGTERM)  # SIGTERM too: a shell makes its background jobs ignore SIGINT
_ADVICE = """\
No secret was given; this one is new. Start Khulasa so that it signs with it and may deliver here:

  {variable}={secret} KHULASA_WEBHOOK_ALLOW_HTTP=true \\
  KHULASA_WEBHOOK_ALLOWED_NETWORKS={network} make run

Then ask it for a ping, or give it an article:

  curl http://127.0.0.1:8000/v1/webhooks/test -H 'Content-Type: application/json' -d '{{"url": "{url}"}}'
  curl http://127.0.0.1:8000/v1/jobs -F file=@seeds/000_5f7d4fc13bd73719.txt -F 'webhook={{"url": "{url}"}}'
"""


def main() -> int:
    arguments = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Arabic shows question marks
    secret = arguments.secret or new_secret()
    console = Console(as_json=arguments.json)
    try:
        verifier = Verifier(secret)
    except ValueError as error:
        return _fail(f"{error} (--secret or {_SECRET})")
    where = arguments.host, arguments.port
    try:
        receiver = Receiver(where, verifier=verifier, console=console, answer=arguments.answer)
    except OSError as error:
        return _fail(
            f"cannot listen on {where[0]}:{where[1]} ({error.strerror}); "
            "choose another with --port, or 0 for a free one"
        )
    for stop in _STOPS:
        signal.signal(stop, _interrupt)
    with suppress(KeyboardInterrupt), receiver:
        if not arguments.secret:
            advice = {"network": receiver.network, "url": receiver.url}
            console.say(_ADVICE.format(variable=_SECRET, secret=secret, **advice))
        console.say(f"Listening on {receiver.url} and answering {receiver.answer}; Ctrl-C ends it.")
        receiver.serve_forever()
    console.end()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="khulasa webhooks listen", description="Receives webhooks, checks their signatures, shows them."
    )
    parser.add_argument("--port", type=_between(0, 65_535), default=9000, help="0 for a free one; else 9000")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--secret",
        default=os.environ.get(_SECRET),
        help=f"whsec_…, or two with a comma between; else {_SECRET}, else a new one",
    )
    parser.add_argument(
        "--answer",
        type=_between(200, 599),
        default=204,
        help="the status for good deliveries, e.g. 500 or 410",
    )
    parser.add_argument("--json", action="store_true", help="each event as one line of JSON on stdout")
    return parser


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not given.isdecimal() or not least <= int(given) <= most:
            raise argparse.ArgumentTypeError(f"{least} to {most}, not {given}")
        return int(given)

    return number


def _interrupt(*_: Any) -> None:
    for stop in _STOPS:
        signal.signal(stop, signal.SIG_IGN)  # an impatient second one must not lose the last line
    raise KeyboardInterrupt


def _fail(reason: str) -> int:
    print(f"khulasa: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
