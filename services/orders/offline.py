"""Money that comes outside the payment service: transfers and cash, told by people."""

from hashlib import sha256

from core.access import Actor
from core.clock import now
from core.errors import N_, Invalid
from domain.ledger import entries
from domain.ledger.legs import EntryKind
from domain.orders.states import UNPAID, OrderState, PaymentMethod, PaymentState
from domain.roles import Role
from models.history import move
from services import ledger
from services.orders import notices, postings, stock
from services.orders.granted_refunds import return_late, return_surplus
from services.orders.records import lock_order, move_order, payment_of
from services.orders.shares import fee_lines

NOT_THE_PRICE = N_("转来的钱和订单金额对不上，转回去")


class NotByTransfer(Invalid):
    """The order is not paid by bank transfer."""

    code = "not_by_transfer"
    message = N_("这张订单不是银行转账，不用确认到账。")


class NothingCame(Invalid):
    """A transfer of nothing."""

    code = "nothing_came"
    message = N_("请填实际到账的金额。")


class NotCollected(Invalid):
    """There is no cash of this order to be remitted."""

    code = "not_collected"
    message = N_("这张订单没有待交回的货款。")


class FeeTooLarge(Invalid):
    """The carrier would keep more than it collected."""

    code = "fee_too_large"
    message = N_("手续费不能比货款还多，请核对。")


def confirm_transfer(actor: Actor, order_id: int, reference: str) -> OrderState:
    """The buyer's transfer arrived; returns the state the order is in now.

    reference: the bank's number of the transfer. When the order was released
    meanwhile, the money is booked as late and a refund to be made by hand is opened.
    Raises NotByTransfer; confirming again changes nothing.
    """
    order = lock_order(actor, order_id, Role.ACCOUNTANT)
    payment = payment_of(order)
    if payment.method != PaymentMethod.BANK_TRANSFER:
        raise NotByTransfer()
    if payment.state not in UNPAID | {PaymentState.EXPIRED}:
        return OrderState(order.state)
    in_time = order.state == OrderState.PLACED
    move(
        payment,
        PaymentState.PAID if in_time else PaymentState.LATE,
        account_id=actor.account_id,
        paid_at=now(),
        reference=reference,
        fee_fen=0,
        available_at=now(),
    )
    postings.post_transfer(
        actor, order, payment.id, payment.amount_fen, reference=reference
    )
    if in_time:
        move_order(actor, order, OrderState.PAID, paid_at=now())
        stock.consume(order.id)
        notices.tell_paid(order)
    else:
        return_late(order, payment)
    return OrderState(order.state)


def return_transfer(
    actor: Actor, order_id: int, *, reference: str, amount_fen: int
) -> None:
    """Money came by bank that is not the order's price: book it, and owe it back.

    The order stays as it is; a refund to be made by hand is opened. The same bank's
    number again changes nothing. Raises NotByTransfer or NothingCame.
    """
    order = lock_order(actor, order_id, Role.ACCOUNTANT)
    if order.payment_method != PaymentMethod.BANK_TRANSFER:
        raise NotByTransfer()
    if amount_fen <= 0:
        raise NothingCame()
    mark = sha256(reference.encode()).hexdigest()[:32]
    of = f"{order.id}:{mark}"
    if ledger.find_entry_id(f"paid:{of}") is not None:
        return
    postings.post_transfer(actor, order, of, amount_fen, reference=reference)
    return_surplus(
        actor,
        order,
        amount_fen,
        request_id=f"transfer:{of}"[:64],
        reason=NOT_THE_PRICE,
    )


def record_remittance(
    actor: Actor, order_id: int, *, reference: str, fee_fen: int
) -> None:
    """The carrier passed on the cash of a delivered order, less its fee in fen.

    Raises NotCollected or FeeTooLarge; recording again changes nothing.
    """
    order = lock_order(actor, order_id, Role.ACCOUNTANT)
    payment = payment_of(order)
    is_cash = payment.method == PaymentMethod.CASH_ON_DELIVERY
    if not is_cash or payment.state != PaymentState.PAID:
        raise NotCollected()
    if not 0 <= fee_fen <= payment.amount_fen:
        raise FeeTooLarge()
    if payment.available_at is not None:
        return
    payment.fee_fen = fee_fen
    payment.available_at = now()
    payment.reference = reference
    fees = fee_lines(order, fee_fen) if fee_fen else []
    ledger.post(
        EntryKind.CASH_REMITTED,
        f"remitted:{payment.id}",
        entries.cash_remitted(
            order.cooperative_id,
            payment.amount_fen,
            fee_by_line={line.order_line_id: line.goods_fen for line in fees},
        ),
        order_id=order.id,
        account_id=actor.account_id,
        memo=reference,
    )
    if fee_fen:
        postings.post_fee_borne(order, payment.id, fee_fen)
