"""The command `khulasa dead`: an operator works through the jobs that were given up."""

import argparse
import sys
from datetime import datetime

from redis import Redis

from jobs.console import answer, table
from jobs.dead.dead_list import GIVEN_UP
from jobs.dead.letters import DeadLetters
from jobs.job import Job, StepRecord
from jobs.queue import StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import JobStore, utc_now
from jobs.webhooks.outbox import Outbox


def main() -> int:
    arguments = _parser().parse_args()

    def do(settings: Settings, redis: Redis) -> str:
        store = JobStore(redis, settings, Outbox({}))  # no job ends here, so nothing is told of results
        letters = DeadLetters(redis, store, StepQueue(make_celery(settings), redis))
        return str(arguments.do(letters, arguments))

    return answer(do)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="khulasa dead", description="Jobs of which a step was given up: poisoned or step-crashed."
    )
    commands = parser.add_subparsers(required=True, metavar="list|show|retry|drop")
    commands.add_parser("list", help="those that expire first come first").set_defaults(do=_list)
    for name, do, text in (
        ("show", _show, "its record: steps, attempts, problems and times, nothing of the article"),
        ("retry", _retry, "submit its article anew, as a job of its own, and take it off the list"),
        ("drop", _drop, "take it off the list; the job itself stays until it expires"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("id", metavar="ID")
        command.set_defaults(do=do)
    return parser


def _list(letters: DeadLetters, _: argparse.Namespace) -> str:
    jobs = letters.all(utc_now())
    if not jobs:
        return "The dead-letter list is empty."
    return table([("ID", "ENDED", "EXPIRES", "OWNER", "GIVEN UP"), *(_row(job) for job in jobs)])


def _show(letters: DeadLetters, arguments: argparse.Namespace) -> str:
    job = letters.get(arguments.id)
    article = job.article
    facts = [
        ("id", job.id),
        ("owner", job.owner or "nobody"),
        ("reference", repr(article.reference) if article.reference else "none"),
        ("article", f"{article.characters} characters, {article.segments} segments, {article.kind}"),
        ("lane", job.lane),
        ("status", job.status),
        ("created", _moment(job.created_at)),
        ("started", _moment(job.started_at)),
        ("ended", _moment(job.finished_at)),
        ("expires", _moment(job.expires_at)),
        ("webhook", ", ".join(job.webhook.events) if job.webhook else "none"),
    ]
    steps = [_step_row(name, step) for name, step in job.steps.items()]
    head = ("STEP", "STATUS", "ATTEMPTS", "QUEUE", "PROBLEM")
    return f"{table(facts)}\n\n{table([head, *steps])}"


def _retry(letters: DeadLetters, arguments: argparse.Namespace) -> str:
    job = letters.retry(arguments.id, utc_now())
    return f"{arguments.id} is submitted anew as {job.id}, and off the list."


def _drop(letters: DeadLetters, arguments: argparse.Namespace) -> str:
    letters.drop(arguments.id)
    return f"{arguments.id} is off the list; the job stays until it expires."


def _row(job: Job) -> tuple[str, ...]:
    given_up = [
        f"{name} ({step.problem.code})"
        for name, step in job.steps.items()
        if step.problem and step.problem.code in GIVEN_UP
    ]
    ended, expires = _moment(job.finished_at), _moment(job.expires_at)
    return job.id, ended, expires, job.owner or "nobody", ", ".join(given_up)


def _step_row(name: str, step: StepRecord) -> tuple[str, ...]:
    problem = f"{step.problem.code}: {step.problem.detail}" if step.problem else ""
    return name, step.status, str(step.attempts), step.queue, problem


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "never"


if __name__ == "__main__":
    sys.exit(main())
