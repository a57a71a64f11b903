"""What counts as one visitor: an IPv4 address, or the /64 of an IPv6 address."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import has_request_context, request


def current_visitor() -> str:
    """Return the current request's visitor; "" outside a request."""
    return visitor(request.remote_addr) if has_request_context() else ""


def visitor(address: str | None) -> str:
    """Return what an address counts as: an IPv4 address as itself, an IPv6 address as its /64, however spelled.

    Providers give each customer a /64 or more, so that single IPv6 addresses are free to change.
    """
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(IPv6Network((int(found), 64), strict=False))
        return str(found.ipv4_mapped)
    return str(found)
