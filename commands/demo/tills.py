"""Where demo orders are paid online: in the sandbox if one runs, else on paper."""

import json
import urllib.request
from datetime import datetime
from typing import Any
from urllib.error import URLError

from sqlalchemy import select

from core import clock
from core.config import Settings
from core.database import db, forget_reads, transaction
from domain.orders.sessions import SessionSnapshot
from integrations.gateway import PaymentSession
from models.orders import Order
from models.payments import Payment
from services.payments import applying

FEE_PER_MILLE = 34
FEE_FIXED_FEN = 235
TIMEOUT_S = 5


class Till:
    """Payments as the provider reports them.

    The local sandbox holds them too, when one runs at the settings' address: then
    they can be refunded.
    """

    def __init__(self, settings: Settings) -> None:
        self._sandbox = f"{settings.stripe_api_base}/_control"
        self._key = settings.stripe_secret_key
        has_sandbox = settings.stripe_api_base and settings.stripe_secret_key
        self._is_on_paper = not (has_sandbox and self._is_answered())

    def pay(self, payment_id: int, moment: datetime) -> None:
        """Bring a payment to where the paid page of that moment would bring it."""
        page = {
            "id": f"cs_demo_{payment_id:06d}",
            "payment_intent": f"pi_demo_{payment_id:06d}",
        }
        if not self._is_on_paper:
            page = self._paid_in_sandbox(payment_id, moment)
        _apply(payment_id, moment, page)

    def _is_answered(self) -> bool:
        try:
            self._ask("/", None)
        except (URLError, OSError, ValueError):
            return False
        return True

    def _paid_in_sandbox(self, payment_id: int, moment: datetime) -> dict[str, str]:
        reference, amount_fen = db.session.execute(
            select(Order.number, Payment.amount_fen)
            .join(Payment, Payment.order_id == Order.id)
            .where(Payment.id == payment_id)
        ).one()
        forget_reads()
        payment = {
            "key": self._key,
            "reference": reference,
            "amount": amount_fen,
            "currency": "cny",
            "paid_at": int(moment.timestamp()),
        }
        page: dict[str, str] = self._ask("/payments", payment)["result"]
        return page

    def _ask(self, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own sandbox's address
            self._sandbox + path,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.load(answer)


def _apply(payment_id: int, moment: datetime, page: dict[str, str]) -> None:
    with clock.at(moment), transaction():
        payment = db.session.get_one(Payment, payment_id)
        order = db.session.get_one(Order, payment.order_id)
        fee_fen = (payment.amount_fen * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED_FEN
        session = PaymentSession(
            id=page["id"],
            reference=order.number,
            url=None,
            snapshot=SessionSnapshot("complete", "paid", payment.amount_fen),
            intent_id=page["payment_intent"],
            charge_id=None,
            fee_fen=fee_fen,
            is_available=True,
        )
        applying.apply_session(payment_id, session)
