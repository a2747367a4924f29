"""What may come in: how large, which ids and names, from which address."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, UnicodeConverter, ValidationError

LARGEST_UPLOAD = 16 * 1024 * 1024
LARGEST_TEXT = 2 * 1024 * 1024
LARGEST_PLAIN_FORM = 256 * 1024
IPV6_SUBSCRIBER = 64
LARGEST_ID = 2**63 - 1
LONGEST_NAME = 200


def init_bodies(app: Flask) -> None:
    """Bound what is read into memory; more is answered with 413.

    Werkzeug bounds the texts and the number of parts of a multipart form. A plain
    form it reads whole and cuts into as many fields as there are, hundreds of bytes
    each.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD, MAX_FORM_MEMORY_SIZE=LARGEST_TEXT
    )

    @app.before_request
    def bound_plain_forms() -> None:
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = LARGEST_PLAIN_FORM


class IdConverter(BaseConverter):
    """A positive id in ASCII digits, small enough for every engine."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 0 < number <= LARGEST_ID:
            raise ValidationError()
        return number


class NameConverter(UnicodeConverter):
    """A slug, code or number without control characters: PostgreSQL refuses NUL."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.regex = rf"[^/\x00-\x1f\x7f]{{1,{LONGEST_NAME}}}"


def init_converters(app: Flask) -> None:
    """Make `<id:…>` known to routes, and what `<…>` alone means."""
    app.url_map.converters.update(id=IdConverter, default=NameConverter)


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
