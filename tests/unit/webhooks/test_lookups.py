"""Lookups: how often names are looked up, and what comes of an answer that is none."""

import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from jobs.webhooks.targets import ForbiddenTarget, TargetRules, UnresolvedTarget, resolve_name

RULES = TargetRules()
WIDEST = TargetRules.from_settings(allow_http=True, networks="0.0.0.0/0,::/0", ports="443")
URL = "https://hooks.example.com/x"

ODD = {
    "scoped address": "fe80::1%eth0",
    "scoped address that is public": "2606:4700::1111%eth0",
    "no address": "hooks.example.com",
    "two numbers": "127.1",
    "empty": "",
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD.keys())
def test_an_answer_that_is_no_address_is_refused(answer: str) -> None:
    with pytest.raises(ForbiddenTarget, match="leads to"):
        WIDEST.check(URL, lambda host: ["1.1.1.1", answer])


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "unknown"),
        TimeoutError(),
        UnicodeError("label too long"),
        ValueError("embedded null"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lookup_that_fails_leaves_the_name_unresolved(error: Exception) -> None:
    def resolve(host: str) -> list[str]:
        raise error

    with pytest.raises(UnresolvedTarget, match=r"hooks\.example\.com"):
        RULES.check(URL, resolve)


def test_a_lookup_may_fail_while_its_answers_are_read() -> None:
    def resolve(host: str) -> Iterator[str]:
        yield "1.1.1.1"
        raise socket.gaierror

    with pytest.raises(UnresolvedTarget):
        RULES.check(URL, resolve)


def test_a_name_without_addresses_is_unresolved() -> None:
    with pytest.raises(UnresolvedTarget):
        RULES.check(URL, lambda host: [])


def test_a_name_is_looked_up_once_and_an_address_never() -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["1.1.1.1", "1.0.0.1", "1.1.1.1"]

    assert RULES.addresses(RULES.read(URL), resolve) == [ip_address("1.1.1.1"), ip_address("1.0.0.1")]
    assert asked == ["hooks.example.com"]
    RULES.check("https://1.1.1.1/x", _no_lookup)


@pytest.mark.parametrize(
    "name", ["\0", "a\0.example", "a" * 64 + ".example", "a." * 200, "\ud800"], ids=ascii
)
def test_this_machine_s_resolver_fails_in_two_ways_only(name: str) -> None:
    with pytest.raises((OSError, ValueError)):
        resolve_name(name)


def test_this_machine_s_resolver_knows_this_machine() -> None:
    assert {ip_address(text).is_loopback for text in resolve_name("localhost")} == {True}


def _no_lookup(host: str) -> list[str]:
    raise AssertionError("looked up")
