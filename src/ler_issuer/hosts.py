"""Names of hosts: which of them the world can reach."""

from __future__ import annotations

from ipaddress import ip_address

LOCAL_DOMAINS = (".localhost", ".local", ".internal", ".test")
"""Domains that never lead to the public internet (RFC 6761, RFC 6762, and ICANN's `.internal`)."""


def is_local(host: str) -> bool:
    """Say whether a host is one that only this machine or its own network knows, or a bare address."""
    try:
        ip_address(host)
    except ValueError:
        name = host.rstrip(".")
        return "." not in name or name.endswith(LOCAL_DOMAINS)
    return True
