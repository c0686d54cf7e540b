"""Hostile URLs: each is refused by its spelling alone, and for the reason that is meant."""

import pytest

from jobs.webhooks.networks import read_networks
from jobs.webhooks.targets import ForbiddenTarget, TargetRules

# The widest rules that an operator can write: what these refuse is refused by all.
WIDEST = TargetRules(allow_http=True, networks=read_networks("0.0.0.0/0, ::/0"))

MISREAD = {
    "no web address": {
        "nothing": "",
        "a path alone": "/hook",
        "no scheme": "hooks.example.com/x",
        "scheme of the page": "//hooks.example.com/x",
        "file": "file:///etc/passwd",
        "ftp": "ftp://hooks.example.com/x",
        "gopher": "gopher://hooks.example.com:6379/_FLUSHALL",
        "javascript": "javascript:alert(1)",
        "data": "data:text/plain,x",
        "web socket": "wss://hooks.example.com/x",
        "unix socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/x",
        "one slash": "https:/hooks.example.com/x",
        "no slashes": "https:hooks.example.com/x",
        "colon missing": "https//hooks.example.com/x",
    },
    "names no host": {
        "three slashes": "https:///hooks.example.com/x",
        "port alone": "https://:443/x",
        "query alone": "https://?x=1",
        "two ports": "https://hooks.example.com:443:80/x",
        "IPv6 without brackets": "https://2606:4700::1111/x",
        "bracket not closed": "https://[2606:4700::1111/x",
        "bracket not opened": "https://2606:4700::1111]/x",
        "name after brackets": "https://[2606:4700::1111].example.com/x",
        "name before brackets": "https://example.com[2606:4700::1111]/x",
    },
    "credentials": {
        "user": "https://user@hooks.example.com/x",
        "user and password": "https://user:secret@hooks.example.com/x",
        "empty user": "https://@hooks.example.com/x",
        "host before the at sign": "https://hooks.example.com:443@127.0.0.1/x",
        "two at signs": "https://a@b@127.0.0.1/x",
    },
    "fragment": {
        "fragment": "https://hooks.example.com/x#y",
        "empty fragment": "https://hooks.example.com/x#",
        "fragment that hides a host": "https://hooks.example.com#@127.0.0.1/x",
    },
    "not ASCII": {
        "arabic name": "https://خلاصة.example/x",
        "full-width digits": "https://１２７.0.0.1/x",
        "circled digits": "https://①②⑦.⓪.⓪.①/x",
        "ideographic full stop": "https://127。0。0。1/x",
        "full-width full stop": "https://localhost．example/x",
        "cyrillic letter": "https://hооks.example.com/x",
        "soft hyphen": "https://local\u00adhost/x",
        "zero-width joiner": "https://local\u200dhost/x",
        "letter that folds to two": "https://straße.example/x",
        "bidi control": "https://hooks.example.com/\u202ex",
        "non-ASCII path": "https://hooks.example.com/خلاصة",
        "line separator": "https://hooks.example.com/\u2028x",
        "lone surrogate": "https://hooks.example.com/\ud800",
    },
    "space, a control character or a backslash": {
        "space before": " https://hooks.example.com/x",
        "space after": "https://hooks.example.com/x ",
        "space in the host": "https://hooks.example.com 127.0.0.1/x",
        "tab in the scheme": "ht\ttps://hooks.example.com/x",
        "tab in the host": "https://127.0\t.0.1/x",
        "header in the path": "https://hooks.example.com/x HTTP/1.1\r\nX-Evil: 1",
        "line feed in the host": "https://hooks.example.com\n.evil.example/x",
        "carriage return in the query": "https://hooks.example.com/?x=\r1",
        "NUL in the host": "https://hooks.example.com\0.evil.example/x",
        "delete": "https://hooks.example.com/\x7f",
        "backslashes for slashes": "https:\\\\hooks.example.com\\x",
        "backslash before the at sign": "https://hooks.example.com\\@127.0.0.1/x",
        "backslash in the path": "https://hooks.example.com/\\127.0.0.1",
    },
    "percent-encode it": {
        "half an escape": "https://hooks.example.com/%2",
        "escape of no number": "https://hooks.example.com/%zz",
        "quotation mark": 'https://hooks.example.com/"',
        "angle brackets": "https://hooks.example.com/<x>",
        "braces": "https://hooks.example.com/{x}",
        "bar in the query": "https://hooks.example.com/?a|b",
        "brackets in the query": "https://hooks.example.com/?a[]=1",
    },
    "letters, digits and hyphens": {
        "percent-encoded letter": "https://%6cocalhost/x",
        "percent-encoded dot": "https://127%2e0.0.example/x",
        "percent-encoded slash": "https://hooks.example.com%2f@evil/x".replace("@", ".a"),
        "underscore": "https://my_hooks.example.com/x",
        "trailing dot": "https://hooks.example.com./x",
        "localhost with a trailing dot": "https://localhost./x",
        "leading dot": "https://.example.com/x",
        "two dots": "https://hooks..example.com/x",
        "dots alone": "https://../x",
        "label that begins with a hyphen": "https://-hooks.example.com/x",
        "label that ends with a hyphen": "https://hooks-.example.com/x",
        "label of 64": f"https://{'a' * 64}.example.com/x",
        "name of 254": f"https://{'a.' * 126}aa/x",
        "asterisk": "https://*.example.com/x",
        "comma": "https://a.example,b.example/x",
        "semicolon": "https://127.0.0.1;a.example/x",
    },
    "the host is a number": {
        "two numbers": "https://127.1/x",
        "three numbers": "https://127.0.1/x",
        "five numbers": "https://127.0.0.1.1/x",
        "decimal": "https://2130706433/x",
        "hexadecimal": "https://0x7f000001/x",
        "hexadecimal in capitals": "https://0X7F000001/x",
        "hexadecimal parts": "https://0x7f.0x0.0x0.0x1/x",
        "hexadecimal last part": "https://127.0.0.0x1/x",
        "octal": "https://017700000001/x",
        "octal parts": "https://0177.0.0.01/x",
        "leading zeros": "https://127.000.000.001/x",
        "part above 255": "https://127.0.0.256/x",
        "zero": "https://0/x",
        "empty hexadecimal": "https://0x/x",
        "name that ends in a number": "https://example.1/x",
    },
    "no IPv6 address": {
        "empty brackets": "https://[]/x",
        "IPv4 in brackets": "https://[127.0.0.1]/x",
        "name in brackets": "https://[localhost]/x",
        "future address": "https://[v1.fe80::a]/x",
        "two gaps": "https://[2606::4700::1]/x",
        "nine groups": "https://[1:2:3:4:5:6:7:8:9]/x",
        "leading zeros in IPv4 within IPv6": "https://[::ffff:127.0.0.01]/x",
    },
    "names a zone": {
        "zone": "https://[fe80::1%eth0]/x",
        "percent-encoded zone": "https://[fe80::1%25eth0]/x",
        "zone of this machine": "https://[::1%25lo]/x",
    },
    "the port is not a number from 1 to 65535": {
        "empty port": "https://hooks.example.com:/x",
        "port 0": "https://hooks.example.com:0/x",
        "port 65536": "https://hooks.example.com:65536/x",
        "port that wraps to 22": "https://hooks.example.com:65558/x",
        "negative port": "https://hooks.example.com:-443/x",
        "plus before the port": "https://hooks.example.com:+443/x",
        "leading zero in the port": "https://hooks.example.com:0443/x",
        "hexadecimal port": "https://hooks.example.com:0x1bb/x",
        "service for a port": "https://hooks.example.com:https/x",
    },
    "longer than 2048": {
        "2,049 characters": "https://hooks.example.com/".ljust(2049, "x"),
        "1 MB": "https://hooks.example.com/" + "x" * 1_000_000,
    },
    "never looked up": {
        "invalid": "https://hooks.invalid/x",
        "onion": "https://expyuzz4wqqyqhjn.onion/x",
        "alt": "https://hooks.alt/x",
    },
}

NOT_PUBLIC_NAMES = {
    "localhost": "https://localhost/x",
    "localhost in capitals": "https://LOCALHOST/x",
    "name under localhost": "https://hooks.localhost/x",
    "name of mDNS": "https://printer.local/x",
    "name of a cloud's metadata": "https://metadata.google.internal/x",
    "name of a docker host": "https://host.docker.internal/x",
    "name at home": "https://router.home.arpa/x",
    "single label": "https://redis/x",
    "single label with a port": "https://redis:8443/x",
}


@pytest.mark.parametrize(
    ("url", "reason"),
    [pytest.param(url, reason, id=name) for reason, urls in MISREAD.items() for name, url in urls.items()],
)
def test_it_is_refused_by_the_widest_rules(url: str, reason: str) -> None:
    with pytest.raises(ForbiddenTarget, match=reason) as refused:
        WIDEST.read(url)
    assert "secret" not in refused.value.detail
    assert "/x" not in refused.value.detail


@pytest.mark.parametrize("url", NOT_PUBLIC_NAMES.values(), ids=NOT_PUBLIC_NAMES.keys())
def test_a_name_inside_one_network_is_for_those_who_allowed_one(url: str) -> None:
    with pytest.raises(ForbiddenTarget, match="name inside one network"):
        TargetRules().read(url)
    WIDEST.read(url)


def test_http_is_for_those_who_allowed_it() -> None:
    with pytest.raises(ForbiddenTarget, match="use https"):
        TargetRules().read("http://hooks.example.com/x")
    assert WIDEST.read("http://hooks.example.com/x").port == 80
