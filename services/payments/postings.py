"""What a payment writes into the ledger."""

from domain import ledger as book
from domain.ledger import EntryKind
from models import Order, Payment
from services import ledger
from services.orders.shares import fee_lines


def post_paid(order: Order, payment: Payment) -> None:
    """The buyer paid through the payment service."""
    ledger.post(
        EntryKind.PAID,
        f"paid:{payment.id}",
        book.paid(order.cooperative_id, payment.amount_fen),
        order_id=order.id,
    )


def post_transfer(order: Order, payment: Payment, *, by: int | None) -> None:
    """The buyer's transfer arrived at the cooperative's bank."""
    ledger.post(
        EntryKind.BANK_TRANSFER,
        f"paid:{payment.id}",
        book.bank_transfer(order.cooperative_id, payment.amount_fen),
        order_id=order.id,
        account_id=by,
        memo=payment.reference,
    )


def post_fee(order: Order, payment: Payment, fee_fen: int) -> None:
    """The payment service kept its fee, and the parties of the rule bear it."""
    if not fee_fen:
        return
    lines = fee_lines(order, fee_fen)
    by_line = {line.order_line_id: line.goods_fen for line in lines}
    ledger.post(
        EntryKind.FEE,
        f"fee:{payment.id}",
        book.fee(order.cooperative_id, by_line),
        order_id=order.id,
    )
    post_fee_borne(order, payment, fee_fen)


def post_fee_borne(order: Order, payment: Payment, fee_fen: int) -> None:
    """The parties of the order's rule bear a fee that was charged."""
    ledger.post(
        EntryKind.FEE_BORNE,
        f"fee_borne:{payment.id}",
        book.fee_borne(order.cooperative_id, fee_lines(order, fee_fen)),
        order_id=order.id,
    )


def post_available(order: Order, payment: Payment) -> None:
    """The payment service released the money, its fee already taken."""
    ledger.post(
        EntryKind.AVAILABLE,
        f"available:{payment.id}",
        book.available(
            order.cooperative_id, payment.amount_fen - (payment.fee_fen or 0)
        ),
        order_id=order.id,
    )
