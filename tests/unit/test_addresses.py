"""Addresses: this machine, and one client's."""

import pytest

from jobs.addresses import is_loopback, one_client, parse


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1", "LocalHost."])
def test_these_lead_to_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "1", "::2"],  # noqa: S104
)
def test_these_may_lead_elsewhere(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9:4711", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::5", "2001:db8::/64"),
        ("[2001:db8::6]:4711", "2001:db8::/64"),
    ],
)
def test_a_client_is_an_ipv4_address_or_the_64_of_an_ipv6_address(text: str, client: str) -> None:
    address = parse(text)
    assert address
    assert one_client(address) == client


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "999.1.1.1", "1.2.3.4, 5.6.7.8", "\0"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse(text) is None
