"""Targets: good URLs, ports, and the operator's rules."""

import pytest

from jobs.webhooks.targets import ForbiddenTarget, Target, TargetRules

WITH_HTTP = TargetRules(allow_http=True)
INSIDE = TargetRules.from_settings(
    allow_http=True, networks="10.1.0.0/16, fd00::/8, ::1/128", ports="443,8443"
)

GOOD = {
    "https://hooks.example.com": ("https", "hooks.example.com", 443, "/"),
    "https://hooks.example.com/": ("https", "hooks.example.com", 443, "/"),
    "HTTPS://Hooks.Example.COM/Path": ("https", "hooks.example.com", 443, "/Path"),
    "https://hooks.example.com:443/x": ("https", "hooks.example.com", 443, "/x"),
    "https://hooks.example.com:8443/x": ("https", "hooks.example.com", 8443, "/x"),
    "http://hooks.example.com/x": ("http", "hooks.example.com", 80, "/x"),
    "http://hooks.example.com:8080/x": ("http", "hooks.example.com", 8080, "/x"),
    "https://hooks.example.com?a=1&b=2": ("https", "hooks.example.com", 443, "/?a=1&b=2"),
    "https://hooks.example.com/a/b?x=/y?z": ("https", "hooks.example.com", 443, "/a/b?x=/y?z"),
    "https://hooks.example.com/?": ("https", "hooks.example.com", 443, "/?"),
    "https://hooks.example.com//a/../b": ("https", "hooks.example.com", 443, "//a/../b"),
    "https://hooks.example.com/@me:x,y;z": ("https", "hooks.example.com", 443, "/@me:x,y;z"),
    "https://hooks.example.com/%D8%AE%2F%00": ("https", "hooks.example.com", 443, "/%D8%AE%2F%00"),
    "https://hooks.example.com/-._~!$&'()*+,=": ("https", "hooks.example.com", 443, "/-._~!$&'()*+,="),
    "https://xn--mgbah1a3hjkrd.example/x": ("https", "xn--mgbah1a3hjkrd.example", 443, "/x"),
    "https://a.xn--mgbaam7a8h/x": ("https", "a.xn--mgbaam7a8h", 443, "/x"),
    "https://0.example.com/x": ("https", "0.example.com", 443, "/x"),
    "https://127.0.0.1.example.com/x": ("https", "127.0.0.1.example.com", 443, "/x"),
    "https://a--b.3com.example/x": ("https", "a--b.3com.example", 443, "/x"),
    f"https://{'a' * 63}.example.com/x": ("https", f"{'a' * 63}.example.com", 443, "/x"),
    f"https://{'a.' * 126}a/x": ("https", f"{'a.' * 126}a", 443, "/x"),
    "https://93.184.215.14/x": ("https", "93.184.215.14", 443, "/x"),
    "https://[2606:4700:4700::1111]:8443/x": ("https", "2606:4700:4700::1111", 8443, "/x"),
    "https://[2606:4700:4700:0:0:0:0:A]/x": ("https", "2606:4700:4700::a", 443, "/x"),
    "https://hooks.example.com/".ljust(2048, "x"): ("https", "hooks.example.com", 443, "/".ljust(2023, "x")),
}


@pytest.mark.parametrize(("url", "read"), GOOD.items(), ids=[url[:60] for url in GOOD])
def test_a_good_url_is_read(url: str, read: tuple[str, str, int, str]) -> None:
    assert WITH_HTTP.check(url, lambda host: ["1.1.1.1"]) == Target(*read)


@pytest.mark.parametrize(
    ("url", "receiver"),
    [
        ("https://Hooks.example.com/x", "hooks.example.com:443"),
        ("https://[2606:4700::0001]/x", "[2606:4700::1]:443"),
        ("https://1.1.1.1:8443/x", "1.1.1.1:8443"),
    ],
)
def test_a_receiver_is_a_host_and_a_port(url: str, receiver: str) -> None:
    assert TargetRules().read(url).receiver == receiver


@pytest.mark.parametrize("port", [1, 22, 25, 80, 465, 587, 3306, 6379, 8080, 8444, 11211, 65535])
def test_public_addresses_have_few_ports(port: int) -> None:
    with pytest.raises(ForbiddenTarget, match=f"port {port} is not allowed.*: 443, 8443"):
        INSIDE.check(f"https://hooks.example.com:{port}/x", lambda host: ["1.1.1.1"])


@pytest.mark.parametrize("port", [80, 8080])
def test_the_ports_of_http_are_for_http(port: int) -> None:
    WITH_HTTP.check(f"http://1.1.1.1:{port}/x")
    with pytest.raises(ForbiddenTarget, match="port"):
        WITH_HTTP.check(f"https://1.1.1.1:{port}/x")


@pytest.mark.parametrize("port", [80, 443, 1024, 3000, 65535])
@pytest.mark.parametrize("host", ["10.1.2.3", "[fd12::1]", "[::1]"])
def test_receivers_inside_listen_anywhere(host: str, port: int) -> None:
    INSIDE.check(f"http://{host}:{port}/x")


@pytest.mark.parametrize("port", [1, 22, 25, 110, 465, 587, 1023])
def test_what_is_no_web_server_stays_shut_inside(port: int) -> None:
    with pytest.raises(ForbiddenTarget, match=f"port {port} is not allowed"):
        INSIDE.check(f"http://10.1.2.3:{port}/x")


def test_a_port_must_be_good_at_every_address() -> None:
    INSIDE.check("https://hooks.example.com:9000/x", lambda host: ["10.1.0.1"])
    with pytest.raises(ForbiddenTarget, match="port 9000"):
        INSIDE.check("https://hooks.example.com:9000/x", lambda host: ["10.1.0.1", "1.1.1.1"])


@pytest.mark.parametrize("address", ["10.2.0.1", "10.0.255.255", "fc00::1", "::ffff:10.1.0.1", "127.0.0.1"])
def test_only_what_is_inside_the_operator_s_networks_is_inside(address: str) -> None:
    with pytest.raises(ForbiddenTarget, match="not public"):
        INSIDE.check("https://hooks.example.com/x", lambda host: [address])


def test_the_operator_chooses_the_ports() -> None:
    rules = TargetRules.from_settings(allow_http=False, networks="", ports=" 4443 ,")
    assert rules == TargetRules(ports=frozenset({4443}))
    rules.check("https://1.1.1.1:4443/x")
    with pytest.raises(ForbiddenTarget, match="allowed: 4443"):
        rules.check("https://1.1.1.1/x")


@pytest.mark.parametrize(
    "entry", ["10.1.0.1/16", "10.1.0.0/33", "fd00::1/8", "internal", "10.1.0.0-10.2.0.0", "/8"]
)
def test_a_bad_network_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=f"not a network: {entry};"):
        TargetRules.from_settings(allow_http=False, networks=f"10.1.0.0/16,{entry}", ports="443")


@pytest.mark.parametrize("entry", ["0", "65536", "https", "-1", "4 43", "٤٤٣", "443-445"])
def test_a_bad_port_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match=f"not a port: {entry};"):
        TargetRules.from_settings(allow_http=False, networks="", ports=f"443,{entry}")
