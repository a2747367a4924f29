"""Where text messages and mails leave the house, read from the settings."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """An SMTP server: `implicit_tls` speaks TLS at once, else STARTTLS is used.

    Without a user name nothing is encrypted or authenticated: a relay on this machine.
    """

    host: str
    port: int
    implicit_tls: bool
    user: str
    password: str
    sender: str


@dataclass(frozen=True)
class SmsGateway:
    """An HTTP service that takes text messages."""

    url: str
    token: str


def mail_server(url: str | None) -> MailServer | None:
    """Read smtp://user:password@host:587/?from=shop@example.org (or smtps://).

    None when nothing is set. Raises ValueError, its text says what is missing.
    """
    if not url:
        return None
    parts = urlsplit(url)
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("use smtp://user:password@host:587/?from=address")
    if "@" not in sender:
        raise ValueError("says no sender: add ?from=address")
    if bool(parts.username) != bool(parts.password):
        raise ValueError("has a user name or a password, and needs both or neither")
    return MailServer(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        implicit_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender,
    )


def sms_gateway(url: str | None, token: str | None) -> SmsGateway | None:
    """Pair the gateway's address with its token.

    None when neither is set. Raises ValueError, its text says what is missing.
    """
    if not url and not token:
        return None
    if not url or not token:
        raise ValueError("needs its address and its token: set both or neither")
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("must be an https:// address")
    return SmsGateway(url, token)
