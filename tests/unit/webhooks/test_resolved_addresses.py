"""What names resolve to: every address must be one that anybody can reach, or one of the operator's own."""

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from jobs.webhooks.networks import is_never, is_public
from jobs.webhooks.targets import ForbiddenTarget, TargetRules

RULES = TargetRules()
EVERYTHING = TargetRules.from_settings(allow_http=True, networks="0.0.0.0/0,::/0", ports="443")
URL = "https://hooks.example.com/x?token=secret"

PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:82a::200e",
    "2001:200::1",
    "2620:4f:8001::1",
]

NOT_PUBLIC = {
    "this machine": "127.0.0.1",
    "this machine, another spelling": "127.255.255.254",
    "private 10": "10.0.0.1",
    "private 172.16": "172.16.0.1",
    "private 172.31": "172.31.255.255",
    "private 192.168": "192.168.1.1",
    "a carrier's": "100.64.0.1",
    "a carrier's last": "100.127.255.255",
    "protocol assignments": "192.0.0.8",
    "PCP anycast": "192.0.0.9",
    "documentation 1": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "AS112": "192.31.196.1",
    "AS112 by delegation": "192.175.48.1",
    "AMT": "192.52.193.1",
    "relay of 6to4": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "benchmarks, upper half": "198.19.255.255",
    "IPv6 of this machine": "::1",
    "IPv6 unique local": "fd12:3456::1",
    "IPv6 unique local, fc": "fc00::1",
    "IPv6 discard": "100::1",
    "IPv6 segment routing": "5f00::1",
    "IPv6 documentation": "2001:db8::1",
    "IPv6 documentation 2": "3fff::1",
    "ORCHID": "2001:20::1",
    "IPv6 benchmarks": "2001:2::1",
    "IPv6 protocol assignments": "2001:1::1",
    "IPv6 AS112": "2620:4f:8000::1",
    "IPv6 not given out": "4000::1",
}
NEVER = {
    "unspecified": "0.0.0.0",  # noqa: S104
    "this network": "0.1.2.3",
    "link-local": "169.254.0.1",
    "multicast": "224.0.0.1",
    "multicast, upper end": "239.255.255.255",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "metadata of nearly every cloud": "169.254.169.254",
    "metadata of AWS tasks": "169.254.170.2",
    "metadata of AWS pods": "169.254.170.23",
    "resolver of AWS": "169.254.169.253",
    "metadata of Scaleway": "169.254.42.42",
    "metadata of Tencent": "169.254.0.23",
    "metadata of Alibaba": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "wire server of Azure": "168.63.129.16",
    "IPv6 metadata of AWS": "fd00:ec2::254",
    "IPv6 metadata of AWS pods": "fd00:ec2::23",
    "IPv6 metadata of Google": "fd20:ce::254",
    "IPv6 metadata of Oracle": "fd00:c1::a9fe:a9fe",
    "IPv6 metadata of Scaleway": "fd00:42::42",
    "IPv6 metadata of Akamai": "fd00:a9fe:a9fe::1",
    "IPv6 metadata of Alibaba": "fd00:100::100:200",
    "IPv6 metadata of OpenStack": "fe80::a9fe:a9fe",
    "IPv6 unspecified": "::",
    "IPv6 link-local": "fe80::1",
    "IPv6 site-local": "fec0::1",
    "IPv6 multicast": "ff02::1",
    "IPv6 multicast, global": "ff0e::1",
    "v4-mapped loopback": "::ffff:127.0.0.1",
    "v4-mapped private, in hexadecimal": "::ffff:a00:1",
    "v4-mapped public": "::ffff:1.1.1.1",
    "v4-mapped metadata": "::ffff:169.254.169.254",
    "v4-compatible loopback": "::127.0.0.1",
    "v4-compatible public": "::1.1.1.1",
    "v4-translated": "::ffff:0:127.0.0.1",
    "NAT64 of loopback": "64:ff9b::127.0.0.1",
    "NAT64 of a public address": "64:ff9b::1.1.1.1",
    "NAT64 of a network's own": "64:ff9b:1::10.0.0.1",
    "6to4 of a private address": "2002:a00:1::1",
    "6to4 of metadata": "2002:a9fe:a9fe::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "ISATAP in a public prefix": "2606:4700::5efe:10.0.0.1",
    "ISATAP, globally unique": "2606:4700::200:5efe:10.0.0.1",
}


def _resolving(*addresses: str) -> Callable[[str], list[str]]:
    return lambda host: list(addresses)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_anybody_can_reach_is_allowed(address: str) -> None:
    target = RULES.check(URL, _resolving(address))
    assert RULES.addresses(target, _resolving(address)) == [ip_address(address)]


@pytest.mark.parametrize("address", (NOT_PUBLIC | NEVER).values(), ids=(NOT_PUBLIC | NEVER).keys())
def test_what_only_some_can_reach_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenTarget, match="not public") as refused:
        RULES.check(URL, _resolving(address))
    assert not is_public(ip_address(address))
    assert address not in refused.value.detail  # a stranger learns nothing of the names inside
    assert "token" not in refused.value.detail


@pytest.mark.parametrize("address", (NOT_PUBLIC | NEVER).values(), ids=(NOT_PUBLIC | NEVER).keys())
def test_one_bad_address_among_good_ones_is_enough(address: str) -> None:
    for answer in ([address, "1.1.1.1"], ["1.1.1.1", "2606:4700:4700::1111", address]):
        with pytest.raises(ForbiddenTarget, match="not public"):
            RULES.check(URL, _resolving(*answer))


@pytest.mark.parametrize("address", (NOT_PUBLIC | NEVER).values(), ids=(NOT_PUBLIC | NEVER).keys())
def test_an_address_in_the_url_is_held_to_the_same(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ForbiddenTarget, match="not public"):
        RULES.check(f"https://{host}/x", _no_lookup)


@pytest.mark.parametrize("address", NEVER.values(), ids=NEVER.keys())
def test_no_network_of_the_operator_admits_it(address: str) -> None:
    with pytest.raises(ForbiddenTarget, match="not public"):
        EVERYTHING.check(URL, _resolving(address))
    assert is_never(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC.keys())
def test_a_network_of_the_operator_admits_it(address: str) -> None:
    EVERYTHING.check(URL, _resolving(address))


def _no_lookup(host: str) -> list[str]:
    raise AssertionError("looked up")
