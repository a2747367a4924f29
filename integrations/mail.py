"""Mails: handed to an SMTP server, or kept in the house for the demo."""

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from typing import Protocol

from core.config import Settings
from core.setting_values import MailServer
from integrations.delivery import Kept, NotConfigured, Refused, Undelivered

TIMEOUT_S = 10
PERMANENT = 500


class MailCarrier(Protocol):
    """Takes one mail to an address."""

    keeps_body: bool

    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Hand the mail over; `key` makes a repeated one known by its Message-ID.

        Raises Undelivered (try again) or Refused (it will never be taken).
        """


class SmtpMail:
    """An SMTP server, spoken to over TLS when it wants a password."""

    keeps_body = False

    def __init__(self, server: MailServer) -> None:
        self.server = server

    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Send the mail; see MailCarrier."""
        try:
            message = self._message(address, subject, body, key)
        except ValueError as error:
            raise Refused("not an address") from error
        try:
            with self._connect() as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"the mail server: {type(error).__name__}") from error

    def _message(self, address: str, subject: str, body: str, key: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.server.sender
        message["To"] = address
        message["Subject"] = subject
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{name}@{self.server.sender.partition('@')[2]}>"
        message.set_content(body)
        return message

    def _connect(self) -> smtplib.SMTP:
        server, context = self.server, ssl.create_default_context()
        if server.implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.user:
            if not server.implicit_tls:
                connection.starttls(context=context)
            connection.login(server.user, server.password)
        return connection


def _refusal(error: smtplib.SMTPRecipientsRefused) -> Exception:
    code = max(code for code, _text in error.recipients.values())
    kind = Refused if code >= PERMANENT else Undelivered
    return kind(f"the mail server answered {code}")


class KeptMail(Kept):
    """Demo and tests: nothing leaves the house, the inbox page shows it."""

    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Do nothing: the record is the delivery."""


def mail_carrier(settings: Settings) -> MailCarrier:
    """The carrier of these settings. Raises NotConfigured."""
    if settings.demo or settings.testing:
        return KeptMail()
    if settings.mail_server is None:
        raise NotConfigured("MAIL_URL")
    return SmtpMail(settings.mail_server)
