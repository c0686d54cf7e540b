"""The verdict: the promise as an exact tally, rule by rule, over what ledger, receivers and stock say."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.ledger import TERMINAL, Body, Entry, Event, Stock

_RANK = {"queued": 0, "running": 1, "succeeded": 2, "failed": 2}


@dataclass(frozen=True)
class Case:
    """What a rule looks at; `may_fail`: codes of problems with which a job may end here."""

    entries: Sequence[Entry]
    events: Mapping[str, Sequence[Event]]
    stock: Stock
    may_fail: frozenset[str] = frozenset()


Rule = Callable[[Case], Iterator[str]]


def findings(case: Case) -> list[str]:
    """What is off, a line each; none where the promise was kept."""
    return [f"{rule.__name__}: {finding}" for rule in RULES for finding in rule(case)]


def lost_or_stuck(case: Case) -> Iterator[str]:
    """Every accepted job that nobody has erased is there and has ended."""
    for entry in case.entries:
        for job_id in entry.accepted_ids:
            status_code, body = case.stock.jobs[job_id]
            if entry.erasure_asked and status_code == 410:
                continue
            if status_code != 200:
                yield f"{_name(entry)}: accepted as {job_id}, which is {status_code} now"
            elif body["status"] not in TERMINAL:
                yield f"{_name(entry)}: {job_id} is still {body['status']}"


def failed(case: Case) -> Iterator[str]:
    """No job fails but with a problem that was to be expected."""
    for entry, job_id, body in _ended(case):
        if body["status"] == "failed" and body["problem"]["code"] not in case.may_fail:
            yield f"{_name(entry)}: {job_id} failed with {body['problem']['code']}"


def went_back(case: Case) -> Iterator[str]:
    """What was asked for after an answer had come shows nothing older than that answer."""
    for entry in case.entries:
        seen = [it for it in entry.sights if it.status]
        for later in seen:
            for earlier in seen:
                if earlier.answered_at >= later.asked_at or earlier.job_id != later.job_id:
                    continue
                if _RANK[str(later.status)] < _RANK[str(earlier.status)] or later.revision < earlier.revision:
                    was, now = (f"{it.status} (revision {it.revision})" for it in (earlier, later))
                    yield f"{_name(entry)}: {later.job_id} was {was}, and then {now}"


def changed_after_its_end(case: Case) -> Iterator[str]:
    """Results are published once: every sight of an ended job shows the same."""
    for entry in case.entries:
        ends = {
            (it.job_id, it.status, it.revision, it.digest) for it in entry.sights if it.status in TERMINAL
        }
        for job_id, count in Counter(end[0] for end in ends).items():
            if count > 1:
                yield f"{_name(entry)}: {job_id} was seen with {count} different ends"


def ends_without_results(case: Case) -> Iterator[str]:
    """Every step of a job that succeeded has its result, and nothing of the article is left out."""
    for entry, job_id, body in _ended(case):
        receipt = body["receipt"]
        if body["status"] != "succeeded":
            continue
        if receipt and (receipt["segments_in"] != receipt["segments_out"] or receipt["truncated"]):
            yield f"{_name(entry)}: the receipt of {job_id} is {receipt}"
        for step, result in body["results"].items():
            if result["status"] != "succeeded" or not result["text"]:
                yield f"{_name(entry)}: {job_id} succeeded, its {step} is {result['status']}"


def webhooks(case: Case) -> Iterator[str]:
    """At least one for each end that somebody wants to hear of, under one id, with one body: the job's."""
    wanted = {job_id: entry for entry in case.entries for job_id in entry.accepted_ids if entry.wants_webhook}
    unsure = {entry.number for entry in case.entries if entry.wants_webhook and entry.unsure}
    for job_id in sorted(case.events.keys() - wanted.keys()):
        if case.events[job_id][0].entry not in unsure:
            yield f"of {job_id}, which nobody was promised"
    for job_id, entry in wanted.items():
        events = case.events.get(job_id, [])
        status_code, body = case.stock.jobs[job_id]
        if status_code == 200 and body["status"] in TERMINAL and not events:
            yield f"{_name(entry)}: none came of {job_id}"
        if len({(it.webhook_id, it.digest) for it in events}) > 1:
            yield f"{_name(entry)}: those of {job_id} differ"
        for event in events[:1]:
            if status_code == 200 and event.body["data"] != body:
                yield f"{_name(entry)}: that of {job_id} tells another end than GET"


def jobs_nobody_was_promised(case: Case) -> Iterator[str]:
    """A submission has the one job it was told of; one that was refused has none."""
    of_entry: dict[int, list[str]] = {}
    for job_id, number in case.stock.listed.items():
        of_entry.setdefault(number, []).append(job_id)
    for entry in case.entries:
        if len(entry.accepted_ids) > 1:
            yield f"{_name(entry)}: it was told of {len(entry.accepted_ids)} jobs"
        extra = sorted(set(of_entry.pop(entry.number, [])) - set(entry.accepted_ids))
        if entry.idempotency_key:
            bearable = 1 if entry.unsure and not entry.accepted_ids else 0
        else:
            bearable = entry.unsure
        if len(extra) > bearable:
            yield f"{_name(entry)}: there are {', '.join(extra)} besides {entry.accepted_ids}"
    for number, job_ids in of_entry.items():
        yield f"entry {number} was never submitted and has {', '.join(job_ids)}"


def erased_and_still_there(case: Case) -> Iterator[str]:
    """What a client was told is erased is 410 from then on, and leaves no record."""
    for entry in case.entries:
        if entry.erased_at is None:
            continue
        for job_id in entry.accepted_ids:
            if case.stock.jobs[job_id][0] != 410:
                yield f"{_name(entry)}: {job_id} was erased and is {case.stock.jobs[job_id][0]}"
            if job_id in case.stock.stored:
                yield f"{_name(entry)}: {job_id} was erased and has a record"
        for sight in entry.sights:
            if sight.asked_at > entry.erased_at and sight.status_code == 200:
                yield f"{_name(entry)}: {sight.job_id} came back after its erasure"


def records_without_a_list(case: Case) -> Iterator[str]:
    """Whatever has a record stands in its owner's list, where the rules above have looked at it."""
    for job_id in sorted(case.stock.stored - case.stock.listed.keys()):
        yield f"{job_id} has a record and stands in no list"


def unheard_of_answers(case: Case) -> Iterator[str]:
    """No bare 500, and nothing that a client could not act on."""
    for entry in case.entries:
        for name, answers, usual in (
            ("POST", entry.submissions, {None, 200, 202, 409, 410, 422, 429, 503}),
            ("GET", entry.sights, {200, 202, 410, 429, 503}),
            ("DELETE", entry.erasures, {None, 204, 410, 429, 503}),
        ):
            for answer in answers:
                if answer.status_code not in usual:
                    yield f"{_name(entry)}: {name} was answered {answer.status_code} {answer.code}"


RULES: tuple[Rule, ...] = (
    lost_or_stuck,
    failed,
    went_back,
    changed_after_its_end,
    ends_without_results,
    webhooks,
    jobs_nobody_was_promised,
    erased_and_still_there,
    records_without_a_list,
    unheard_of_answers,
)


def _ended(case: Case) -> Iterator[tuple[Entry, str, Body]]:
    for entry in case.entries:
        for job_id in entry.accepted_ids:
            status_code, body = case.stock.jobs[job_id]
            if status_code == 200 and body["status"] in TERMINAL:
                yield entry, job_id, body


def _name(entry: Entry) -> str:
    return f"entry {entry.number}"
