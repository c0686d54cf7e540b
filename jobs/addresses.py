"""Addresses: which of them lead to this machine only, and which of them are one client's."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


def is_loopback(host: str) -> bool:
    """Of an address or a host name; no name is looked up."""
    address = parse(host)
    return address.is_loopback if address else host.lower().rstrip(".") == "localhost"


def one_client(address: IPv4Address | IPv6Address) -> str:
    """An IPv4 address, or the /64 of an IPv6 address: within it a client can take as many as it likes."""
    return str(address if address.version == 4 else IPv6Network((int(address), 64), strict=False))


def parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address as people and proxies write it: in brackets, with a port, or IPv4 within IPv6."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
