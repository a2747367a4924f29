"""What the shop asks of a payment provider, whichever it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.errors import N_, BadRequest, Unavailable
from domain.orders.sessions import SessionSnapshot

KEY_LIFE = timedelta(hours=20)
"""Stripe removes keys that are 24 hours old; the clocks may differ."""


class PaymentDown(Unavailable):
    """The provider did not answer, or not clearly: ask again with the same key."""

    code = "payment_down"
    message = N_("支付平台一时没有回应，过一会儿再试，不会重复收钱，也不会重复退钱。")


class PaymentNotSetUp(Unavailable):
    """The cooperative's account refuses us, or there is none: a person must look."""

    code = "payment_not_set_up"
    message = N_("这家合作社的网上收款暂时用不了，请改用银行转账，或打电话给合作社。")


class WindowOver(Exception):
    """The request's time has passed and nothing was opened with its key."""


class KeySpent(Exception):
    """The key answers an error for good; whether the work was done is not known."""


class ProviderRefusal(Exception):
    """The provider will not do this, however often it is asked."""

    def __init__(self, code: str, param: str = "") -> None:
        super().__init__(code, param)
        self.code = code
        self.param = param


class ForgedEvent(BadRequest):
    """The event's signature is missing, wrong or too old."""

    code = "forged_event"
    message = N_("签名不对，没有处理。")


@dataclass(frozen=True)
class Item:
    """A line on the payment page; amount_fen is for one."""

    name: str
    amount_fen: int
    quantity: int


@dataclass(frozen=True)
class SessionRequest:
    """Everything that opens a payment page, fixed before the provider is asked.

    key: sent again, it never opens a second page. reference: the order's number.
    """

    key: str
    reference: str
    payment_id: int
    items: Sequence[Item]
    currency: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    not_before: datetime


@dataclass(frozen=True)
class PaymentSession:
    """A payment page as the provider shows it now.

    url: None once it can no longer be paid. fee_fen: None until the provider knows.
    available_at: when the money may be paid out; is_available: whether it may now.
    """

    id: str
    reference: str
    url: str | None
    snapshot: SessionSnapshot
    expires_at: datetime | None = None
    intent_id: str | None = None
    charge_id: str | None = None
    fee_fen: int | None = None
    available_at: datetime | None = None
    is_available: bool = False

    @property
    def ids(self) -> Mapping[str, Any]:
        """How a payment records which page, intent and charge paid it."""
        return {
            "provider_session": self.id,
            "provider_intent": self.intent_id,
            "provider_charge": self.charge_id,
        }

    @property
    def is_open(self) -> bool:
        """Whether the buyer can pay on it."""
        return self.snapshot.status == "open"


@dataclass(frozen=True)
class RefundRequest:
    """A refund to be made; key: sent again, it never pays back twice.

    approved_at: providers forget a key after a day; see `is_key_forgotten`.
    """

    key: str
    intent_id: str
    amount_fen: int
    refund_id: int
    approved_at: datetime

    def is_key_forgotten(self, moment: datetime) -> bool:
        """Whether the key may no longer keep the refund from being made again."""
        return moment - self.approved_at > KEY_LIFE


@dataclass(frozen=True)
class ProviderRefund:
    """A refund as the provider shows it. status: pending, succeeded or failed."""

    id: str
    status: str
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """A provider's notice that something happened to an object.

    references: ids by which we may know it (session, intent, refund, order number).
    """

    id: str
    kind: str
    object_id: str
    references: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """A payment provider. Methods raise PaymentDown or PaymentNotSetUp."""

    def open_session(self, request: SessionRequest) -> PaymentSession:
        """Open a payment page, or answer the one this key opened before.

        Raises WindowOver when it is too late and nothing was opened, KeySpent when
        the key cannot tell.
        """
        ...

    def find_session(self, request: SessionRequest) -> PaymentSession | None:
        """The payment page opened for this request, looked up without its key."""
        ...

    def fetch_session(self, session_id: str) -> PaymentSession:
        """The payment page as it is now, with charge, fee and availability."""
        ...

    def close_session(self, session_id: str) -> PaymentSession:
        """End an open page so that nobody pays on it; others are answered as is."""
        ...

    def refund(self, request: RefundRequest) -> ProviderRefund:
        """Send money back, or answer what this key sent.

        Raises KeySpent or ProviderRefusal.
        """
        ...

    def find_refund(self, request: RefundRequest) -> ProviderRefund | None:
        """The refund made for this request, looked up without its key."""
        ...

    def fetch_refund(self, refund_id: str) -> ProviderRefund:
        """The refund as it is now."""
        ...

    def read_event(self, body: bytes, signature: str) -> Event:
        """The event in a webhook's body. Raises ForgedEvent."""
        ...
