"""Networks: which addresses are public, which no webhook ever goes to, and the operator's own."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Python's `is_global` calls several of these global, so the lists are our own: IANA's registries of
# special-purpose addresses (RFC 6890), less what stands below. Of IPv6 only 2000::/3 is given out at all.
_GIVEN_OUT = _networks("0.0.0.0/0", "2000::/3")
_SPECIAL = _networks(
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # shared by the customers of a carrier
    "127.0.0.0/8",  # this machine
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # relays of 6to4
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
    "2001:db8::/32",  # documentation
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
# Not even where the operator's own networks hold them: what a cloud tells its machines, keys among it, what
# is no single machine, and IPv6 that stands for an IPv4 address which nobody would have checked.
_NEVER = _networks(
    "0.0.0.0/8",  # this network
    "169.254.0.0/16",  # metadata of nearly every cloud: .169.254, .170.2, .170.23, .42.42, .0.23
    "100.100.100.200/32",  # Alibaba
    "168.63.129.16/32",  # Azure, though the address is public
    "192.0.0.192/32",  # Oracle
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and broadcast
    "::/96",  # unspecified, and IPv4-compatible; ::1 is let through below
    "::ffff:0:0/96",  # IPv4-mapped
    "::ffff:0:0:0/96",  # IPv4-translated
    "64:ff9b::/96",  # NAT64
    "64:ff9b:1::/48",  # NAT64 of a network's own
    "2001::/32",  # Teredo
    "2002::/16",  # 6to4
    "fd00:42::42/128",  # Scaleway
    "fd00:100::100:200/128",  # Alibaba
    "fd00:a9fe:a9fe::1/128",  # Akamai
    "fd00:c1::a9fe:a9fe/128",  # Oracle
    "fd00:ec2::/32",  # AWS
    "fd20:ce::254/128",  # Google
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
_LOOPBACK = IPv6Address("::1")
_ISATAP = {0x0000_5EFE, 0x0200_5EFE}  # the upper half of its interface identifiers (RFC 5214, section 6.1)


def is_public(address: Address) -> bool:
    """One machine that anybody can reach: global unicast, and none of a cloud's own services."""
    return within(address, _GIVEN_OUT) and not within(address, _SPECIAL) and not is_never(address)


def is_never(address: Address) -> bool:
    """What no setting admits."""
    if address == _LOOPBACK:
        return False
    tunnel = isinstance(address, IPv6Address) and int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
    return tunnel or within(address, _NEVER)


def within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def read_networks(text: str) -> tuple[Network, ...]:
    """CIDRs with commas between. Raises ValueError naming the first that is none."""
    return tuple(_read(entry) for entry in listed(text))


def listed(text: str) -> list[str]:
    return [entry for entry in (part.strip() for part in text.split(",")) if entry]


def _read(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        remedy = "write a network with no host bits set, as in 10.1.0.0/16 or fd00::/8"
        raise ValueError(f"not a network: {entry}; {remedy}") from error
