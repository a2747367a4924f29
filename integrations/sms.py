"""Text messages: handed to an HTTP gateway, or kept in the house for the demo."""

import json
from http.client import HTTPException
from typing import Protocol
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from core.config import Settings
from core.setting_values import SmsGateway

TIMEOUT_S = 10


class Undelivered(Exception):
    """The carrier could not take it now; try again later."""


class Undeliverable(Exception):
    """The carrier will never take it, such as for an unknown number."""


class NotConfigured(Exception):
    """The settings name no carrier."""


class SmsCarrier(Protocol):
    """Takes one text message to a phone."""

    keeps_body: bool

    def send(self, phone: str, body: str, *, key: str) -> None:
        """Hand the message over; `key` lets the carrier know a repeated one.

        Raises Undelivered or Undeliverable.
        """


class HttpSms:
    """A gateway that takes JSON: to, text, key; the token is a bearer's."""

    keeps_body = False

    def __init__(self, gateway: SmsGateway) -> None:
        self.gateway = gateway

    def send(self, phone: str, body: str, *, key: str) -> None:
        """POST the message; see SmsCarrier."""
        message = {"to": phone, "text": body, "key": key}
        request = Request(  # noqa: S310 - the settings admit https only
            self.gateway.url,
            data=json.dumps(message).encode(),
            headers={
                "Authorization": f"Bearer {self.gateway.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        try:
            urlopen(request, timeout=TIMEOUT_S).close()  # noqa: S310 - as above
        except HTTPError as error:
            error.close()
            if error.code in (400, 404, 410, 422):
                raise Undeliverable(f"the gateway answered {error.code}") from None
            raise Undelivered(f"the gateway answered {error.code}") from None
        except (OSError, HTTPException) as error:
            raise Undelivered(f"the gateway: {type(error).__name__}") from error


class KeptSms:
    """Demo and tests: nothing leaves the house, the inbox page shows it."""

    keeps_body = True

    def send(self, phone: str, body: str, *, key: str) -> None:
        """Do nothing: the record is the delivery."""


def sms_carrier(settings: Settings) -> SmsCarrier:
    """The carrier of these settings. Raises NotConfigured."""
    if settings.demo or settings.testing:
        return KeptSms()
    if settings.sms_gateway is None:
        raise NotConfigured("SMS_URL is not set")
    return HttpSms(settings.sms_gateway)
