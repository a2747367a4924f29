"""What a payment writes into the ledger."""

from core.access import Actor
from domain.ledger import entries
from domain.ledger.legs import EntryKind
from models.orders import Order
from services import ledger
from services.orders.shares import fee_lines


def post_paid(order: Order, of: int | str, amount_fen: int) -> None:
    """The buyer paid through the payment service.

    of: names the payment in the entries' keys: its id, or the provider's for money
    that came beside it.
    """
    ledger.post(
        EntryKind.PAID,
        f"paid:{of}",
        entries.paid(order.cooperative_id, amount_fen),
        order_id=order.id,
    )


def post_transfer(
    actor: Actor, order: Order, of: int | str, amount_fen: int, *, reference: str
) -> None:
    """The buyer's transfer arrived at the cooperative's bank."""
    ledger.post(
        EntryKind.BANK_TRANSFER,
        f"paid:{of}",
        entries.bank_transfer(order.cooperative_id, amount_fen),
        order_id=order.id,
        account_id=actor.account_id,
        memo=reference,
    )


def post_fee(order: Order, of: int | str, fee_fen: int) -> None:
    """The payment service kept its fee, and the parties of the rule bear it."""
    if not fee_fen:
        return
    lines = fee_lines(order, fee_fen)
    by_line = {line.order_line_id: line.goods_fen for line in lines}
    ledger.post(
        EntryKind.FEE,
        f"fee:{of}",
        entries.fee(order.cooperative_id, by_line),
        order_id=order.id,
    )
    post_fee_borne(order, of, fee_fen)


def post_fee_borne(order: Order, of: int | str, fee_fen: int) -> None:
    """The parties of the order's rule bear a fee that was charged."""
    ledger.post(
        EntryKind.FEE_BORNE,
        f"fee_borne:{of}",
        entries.fee_borne(order.cooperative_id, fee_lines(order, fee_fen)),
        order_id=order.id,
    )


def post_available(order: Order, of: int | str, net_fen: int) -> None:
    """The payment service released the money, its fee already taken.

    A fee as large as the payment leaves nothing to release.
    """
    if net_fen:
        ledger.post(
            EntryKind.AVAILABLE,
            f"available:{of}",
            entries.available(order.cooperative_id, net_fen),
            order_id=order.id,
        )
