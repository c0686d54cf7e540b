"""The targets of webhooks: which URLs may be sent to, and at which addresses."""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from jobs.webhooks.networks import Address, Network, is_never, is_public, listed, read_networks, within
from jobs.webhooks.urls import ForbiddenTarget, Target, has_literal_host, read_url

__all__ = ["ForbiddenTarget", "Resolve", "Target", "TargetRules", "UnresolvedTarget", "resolve_name"]

Resolve = Callable[[str], Iterable[str]]
"""The addresses of a host name as text; OSError or ValueError if it has none."""

_PUBLIC_PORTS = frozenset({443, 8443})
_PLAIN_PORTS = frozenset({80, 8080})
# Looked up by nobody (RFC 6761, 7686, 9476), or with a meaning inside one network only (RFC 6762, 8375).
_NOWHERE = ("invalid", "onion", "alt")
_INTERNAL = ("localhost", "local", "internal", "home.arpa")


class UnresolvedTarget(ForbiddenTarget):
    """The name has no address now; it may have one later."""


def resolve_name(host: str) -> list[str]:
    """As this machine resolves names."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


@dataclass(frozen=True)
class TargetRules:
    """What the operator allows. `networks` hold receivers of the operator's own."""

    allow_http: bool = False
    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = _PUBLIC_PORTS  # at public addresses

    @classmethod
    def from_settings(cls, *, allow_http: bool, networks: str, ports: str) -> Self:
        """Both are lists with commas between. Raises ValueError naming a bad entry."""
        return cls(allow_http, read_networks(networks), frozenset(_port(entry) for entry in listed(ports)))

    def check(self, url: str, resolve: Resolve = resolve_name) -> Target:
        """What a submission is checked by. Raises ForbiddenTarget."""
        target = self.read(url)
        self.addresses(target, resolve)
        return target

    def read(self, url: str) -> Target:
        """Syntax and names only: nothing is looked up. Raises ForbiddenTarget."""
        target = read_url(url)
        if target.scheme == "http" and not self.allow_http:
            raise ForbiddenTarget("the URL is not https; use https")
        if not has_literal_host(target):
            self._check_name(target.host)
        return target

    def addresses(self, target: Target, resolve: Resolve = resolve_name) -> list[Address]:
        """Resolves once. Raises ForbiddenTarget if any address is not allowed, UnresolvedTarget for none."""
        texts = [target.host] if has_literal_host(target) else _resolved(target.host, resolve)
        addresses = [_address(text, target.host) for text in dict.fromkeys(texts)]
        for address in addresses:
            self._check_address(address, target)
        return addresses

    def _check_name(self, host: str) -> None:
        if _under(host, _NOWHERE):
            raise ForbiddenTarget(f"{host} is a name that is never looked up; name a public host")
        # Without networks of the operator's own no such name can be right. Looking it up would only
        # let a stranger learn which names exist inside.
        if not self.networks and ("." not in host or _under(host, _INTERNAL)):
            raise ForbiddenTarget(f"{host} is a name inside one network; name a public host")

    def _check_address(self, address: Address, target: Target) -> None:
        """The detail must not tell a stranger what a name resolves to inside: only that it is not public."""
        inside = within(address, self.networks) and not is_never(address)
        if not inside and not is_public(address):
            raise ForbiddenTarget(
                f"{target.host} leads to an address that is not public; name a host that anybody can reach"
            )
        if target.port not in self._public_ports(target) and not (inside and _is_inside_port(target.port)):
            allowed = ", ".join(map(str, sorted(self._public_ports(target))))
            raise ForbiddenTarget(f"port {target.port} is not allowed at {target.host}; allowed: {allowed}")

    def _public_ports(self, target: Target) -> frozenset[int]:
        return self.ports | _PLAIN_PORTS if target.scheme == "http" else self.ports


def _is_inside_port(port: int) -> bool:
    """Receivers inside listen anywhere, but mail, SSH and the like stay shut."""
    return port in {80, 443} or port >= 1024


def _resolved(host: str, resolve: Resolve) -> list[str]:
    try:
        texts = list(resolve(host))
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be encoded for a lookup
        raise UnresolvedTarget(f"{host} cannot be resolved; check the name") from error
    if not texts:
        raise UnresolvedTarget(f"{host} has no address; check the name")
    return texts


def _address(text: str, host: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError as error:
        raise ForbiddenTarget(f"{host} leads to something that is no IP address; check the name") from error
    if getattr(address, "scope_id", None):
        raise ForbiddenTarget(f"{host} leads to an address of one link only; name a public host")
    return address


def _under(host: str, suffixes: tuple[str, ...]) -> bool:
    return any(host == suffix or host.endswith(f".{suffix}") for suffix in suffixes)


def _port(entry: str) -> int:
    if entry.isascii() and entry.isdigit() and 0 < int(entry) < 65536:
        return int(entry)
    raise ValueError(f"not a port: {entry}; write a number from 1 to 65535")
