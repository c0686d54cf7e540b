"""The URL of a webhook, read by one strict grammar: what two programs could read in two ways is refused."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

MAX_URL_CHARS = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)(/[^?]*)?(\?.*)?")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([^:\[\]]*))?")
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")  # and the query (RFC 3986)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # no underscore: no certificate names one
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # as a last label, what some resolvers read as an IPv4 address
_PORT = re.compile(r"[1-9][0-9]{0,4}")


class ForbiddenTarget(Exception):
    """`detail` says what is wrong and the remedy; it names the host at most."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is in lower case, an IPv6 address in its shortest form and without brackets."""

    scheme: str
    host: str
    port: int
    path: str  # and the query, as the request line has it

    @property
    def receiver(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def has_literal_host(target: Target) -> bool:
    """An address, not a name: only an address can hold a colon or end in a number."""
    return ":" in target.host or target.host.rpartition(".")[2].isdigit()


def read_url(url: str) -> Target:
    """Raises ForbiddenTarget."""
    _check_characters(url)
    parts = _URL.fullmatch(url)
    if not parts or parts[1].lower() not in _DEFAULT_PORTS:
        raise ForbiddenTarget("this is no web address; write https://host/path")
    scheme = parts[1].lower()
    host, port = _read_authority(parts[2])
    path = (parts[3] or "/") + (parts[4] or "")
    if not _PATH.fullmatch(path):
        raise ForbiddenTarget("the path or query has a character that URLs do not have; percent-encode it")
    return Target(scheme, host, _DEFAULT_PORTS[scheme] if port is None else port, path)


def _check_characters(url: str) -> None:
    if len(url) > MAX_URL_CHARS:
        raise ForbiddenTarget(f"the URL is longer than {MAX_URL_CHARS} characters; shorten it")
    if not url.isascii():
        raise ForbiddenTarget("the URL is not ASCII; write the host as punycode and percent-encode the rest")
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise ForbiddenTarget("the URL has a space, a control character or a backslash; percent-encode it")
    if "#" in url:
        raise ForbiddenTarget("the URL has a fragment, which is never sent; leave it out")


def _read_authority(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise ForbiddenTarget("the URL holds credentials; leave them out: every delivery is signed")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts or not parts[1]:
        raise ForbiddenTarget("the URL names no host that can be read; write https://host/path")
    return _read_host(parts[1].lower()), None if parts[2] is None else _read_port(parts[2])


def _read_port(text: str) -> int:
    if _PORT.fullmatch(text) and int(text) < 65536:
        return int(text)
    raise ForbiddenTarget("the port is not a number from 1 to 65535; write one or leave out the colon")


def _read_host(host: str) -> str:
    if host.startswith("["):
        return _read_ipv6(host[1:-1])
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_ipv4(host)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ForbiddenTarget(
            "the host is not a name of letters, digits and hyphens with single dots between; check it"
        )
    return host


def _read_ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))  # four decimal numbers, none with a leading zero
    except ValueError as error:
        raise ForbiddenTarget(
            "the host is a number; write a name, or an address as in 198.51.100.7"
        ) from error


def _read_ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except ValueError as error:
        raise ForbiddenTarget("what stands in brackets is no IPv6 address; check it") from error
    if address.scope_id is not None:
        raise ForbiddenTarget("the IPv6 address names a zone; leave it out")
    return str(address)
