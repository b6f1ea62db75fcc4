"""Where a request comes from: its address, whether it came encrypted, and whom a trusted proxy says it is.

Only proxies named in `web: trusted_proxies` are believed; the same headers from anybody else say nothing.
"""

from ipaddress import ip_address

from fastapi import Request

from backoffice.settings import WebSettings


def address_of(request: Request, web: WebSettings) -> str:
    """Return the address of the person's PC: the peer's, or the one that a trusted proxy adds last."""
    if is_trusted(request, web):
        told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
        if told:
            return told
    return request.client.host if request.client else ""


def is_encrypted(request: Request, web: WebSettings) -> bool:
    """Say whether the browser speaks https, to us or to a trusted proxy."""
    told = request.headers.get("x-forwarded-proto", "") if is_trusted(request, web) else ""
    return request.url.scheme == "https" or told == "https"


def named_by_proxy(request: Request, web: WebSettings) -> str | None:
    """Return the name that a trusted proxy signed in; None without one.

    A header that came twice names nobody: one of the two may be the browser's own. Names travel as UTF-8, which HTTP
    itself takes for Latin-1 (RFC 9110, 5.5).
    """
    if web.sign_in != "proxy" or not is_trusted(request, web):
        return None
    told = request.headers.getlist(web.proxy_header)
    if len(told) != 1:
        return None
    try:
        return told[0].encode("latin-1").decode("utf-8") or None
    except UnicodeDecodeError:
        return told[0]


def is_trusted(request: Request, web: WebSettings) -> bool:
    """Say whether the peer is one of the proxies of the settings."""
    try:
        peer = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer  # an IPv4 proxy at a socket that listens for both
    return any(peer in proxy for proxy in web.trusted_proxies)
