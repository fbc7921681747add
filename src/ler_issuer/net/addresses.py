"""Which addresses may be spoken to on behalf of a stranger's document.

`ipaddress.is_global` alone is not the answer: it follows the interpreter's version, and it calls several IPv6 forms
global that carry a private IPv4 address inside. So IPv6 counts only within global unicast, and what is carried inside
is judged as itself.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # v4-mapped; NAT64, RFC 6052
_RESERVED = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))  # protocol assignments; old 6to4 relays


def is_public(address: str) -> bool:
    """Tell whether an address, as text, is one that the whole internet reaches; not an address ⇒ not public."""
    try:
        return _reaches_everybody(ip_address(address))
    except ValueError:
        return False


def is_loopback(address: str) -> bool:
    """Tell whether an address, as text, is this machine's own, and nothing else's; not an address ⇒ no."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _reaches_everybody(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return _reaches_everybody(carried)
        if address not in _GLOBAL_UNICAST:
            return False
    elif any(address in network for network in _RESERVED):
        return False
    return address.is_global and not address.is_multicast


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Give the IPv4 address that packets to this IPv6 address end up at, if there is one."""
    if any(address in network for network in _CARRIERS):
        return IPv4Address(address.packed[12:])
    if address in _SIX_TO_FOUR:
        return IPv4Address(address.packed[2:6])
    return None


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """Ask this machine's resolver for every address of a host, each once, in its order of preference.

    Raises:
        OSError: the name is not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))
