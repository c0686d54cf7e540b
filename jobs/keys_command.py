"""The command `khulasa keys`: an operator makes, lists and revokes API keys, straight in Redis."""

import argparse
import re
import sys
from datetime import UTC, datetime, timedelta

from jobs.console import answer, table
from jobs.keys import ApiKey, KeyRing
from jobs.store import utc_now

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")


def main() -> int:
    arguments = _parser().parse_args()
    return answer(lambda _, redis: str(arguments.do(KeyRing(redis), arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="khulasa keys", description="API keys of the service.")
    commands = parser.add_subparsers(required=True, metavar="create|list|revoke|disable")
    create = commands.add_parser("create", help="make a key and show it, once")
    create.add_argument("name", metavar="NAME", help="letters, digits and . _ @ -")
    create.add_argument(
        "--rate", help="submissions that it may send, e.g. 60/minute; else KHULASA_RATE_LIMIT"
    )
    create.add_argument("--expires", help="90d, or a date such as 2027-01-01 (its first moment in UTC)")
    create.set_defaults(do=_create)
    commands.add_parser("list", help="the keys and their state, never their secrets").set_defaults(do=_list)
    revoke = commands.add_parser("revoke", help="lock a key out with its next request")
    revoke.add_argument("key", metavar="NAME|PREFIX")
    revoke.set_defaults(do=_revoke)
    disable = commands.add_parser("disable", help="ask for no key any more, until another is made")
    disable.set_defaults(do=_disable)
    return parser


def _create(ring: KeyRing, arguments: argparse.Namespace) -> str:
    now = utc_now()
    key, secret = ring.create(
        arguments.name, now=now, rate=arguments.rate, expires_at=_moment(arguments.expires, now)
    )
    # The key alone goes to stdout, so that a script can keep it.
    sys.stderr.write(f"The key {key.name} (prefix {key.id}) is shown only this once:\n")
    return secret


def _list(ring: KeyRing, _: argparse.Namespace) -> str:
    rows = [("NAME", "PREFIX", "STATE", "RATE", "CREATED", "EXPIRES"), *(_row(key) for key in ring.all())]
    return f"{table(rows)}\n\n{_rule(ring)}"


def _revoke(ring: KeyRing, arguments: argparse.Namespace) -> str:
    key = ring.revoke(arguments.key, now=utc_now())
    return f"The key {key.name} (prefix {key.id}) is revoked. {_rule(ring)}"


def _disable(ring: KeyRing, _: argparse.Namespace) -> str:
    ring.disable()
    return _rule(ring)


def _rule(ring: KeyRing) -> str:
    if ring.required():
        return "Requests need a key."
    return "Requests need no key, and only this machine is answered unless KHULASA_ALLOW_OPEN is set."


def _row(key: ApiKey) -> tuple[str, ...]:
    expires = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "never"
    state = key.state(utc_now())
    return key.name, key.id, state, key.rate or "default", f"{key.created_at:%Y-%m-%d %H:%M}", expires


def _moment(text: str | None, now: datetime) -> datetime | None:
    """Raises ValueError for what is neither a number of days nor a day to come."""
    if text is None:
        return None
    days = _DAYS.fullmatch(text)
    try:
        moment = now + timedelta(days=int(days[1])) if days else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"--expires {text}: give days such as 90d, or a date such as 2027-01-01") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now:
        raise ValueError(f"--expires {text}: that is over already")
    return moment


if __name__ == "__main__":
    sys.exit(main())
