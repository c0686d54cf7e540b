"""Losses: what was accepted, and had not reached Redis's file when Redis or its machine went down."""

import re
from collections.abc import Iterable

_UNKNOWN = re.compile(r"lost_or_stuck: entry \d+: accepted as (\w+), which is 404 now")
_UNKNOWN_GET = re.compile(r"unheard_of_answers: entry \d+: GET was answered 404 not-found")


def but_for_what_is_unknown(findings: Iterable[str], job_ids: set[str]) -> list[str]:
    """All but that these jobs were accepted and are unknown now: not gone, not half there, but never seen."""
    rest = []
    for line in findings:
        told = _UNKNOWN.fullmatch(line)
        if not (told and told[1] in job_ids) and not _UNKNOWN_GET.fullmatch(line):
            rest.append(line)
    return rest
