"""Who is on the other end: the address behind our own proxies."""

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

IPV6_SUBSCRIBER = 64


def init_proxies(app: Flask, count: int) -> None:
    """Believe the last `count` entries of X-Forwarded-For and X-Forwarded-Proto.

    With 0 both are ignored: anyone may send them. The host stays the Host header,
    which a proxy must pass on.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count
        )


def client_address() -> str:
    """Who sends this request, for counting: the address, or an IPv6 subscriber's net.

    A subscriber gets 2⁶⁴ addresses of IPv6 and could use a new one each time.
    """
    text = request.remote_addr or "unknown"
    try:
        address = ip_address(text)
    except ValueError:
        return text[:60]
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_SUBSCRIBER), strict=False))
