"""Headers that every answer carries."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from core.web.addresses import is_current

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:{media}",
        "connect-src 'self'{media}{sockets}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action {form_action}",
    )
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_GOOD = "public, max-age=31536000, immutable"


def init_security(
    app: Flask,
    *,
    payment_hosts: tuple[str, ...],
    secure: bool,
    media_url: str | None = None,
) -> None:
    """Add the headers.

    payment_hosts: origins that a checkout may lead to. media_url: where video and
    events come from, and where a host's camera goes.
    """
    policy = content_policy(payment_hosts, media_url)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault(
                "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
            )
        if request.endpoint == "static" and _is_for_good(response):
            response.headers["Cache-Control"] = FOR_GOOD
        elif request.endpoint not in ("static", "catalogue.photo"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _is_for_good(response: Response) -> bool:
    """Whether the address names the file's content: another content has another."""
    if response.status_code >= 400:
        return False
    name = (request.view_args or {}).get("filename", "")
    return is_current(name, request.args.get("v"))


def content_policy(payment_hosts: tuple[str, ...], media_url: str | None) -> str:
    """What a page may load, and from where."""
    media = _origin(media_url)
    return CONTENT_POLICY.format(
        form_action=" ".join(("'self'", *payment_hosts)),
        media=media and f" {media}",
        sockets=media and f" {media.replace('http', 'ws', 1)}",
    )


def _origin(address: str | None) -> str:
    """Scheme and host of an address, as a policy names them; "" for none."""
    parts = urlsplit(address or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
