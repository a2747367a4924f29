"""What was parked until a person decides: a payment of a wrong amount, a job."""

from core.access import Actor
from core.clock import now
from core.errors import N_, Conflict, NotFound
from domain.orders.states import PAYMENT, OrderState, PaymentState
from domain.roles import Role
from integrations.gateway import PaymentSession
from models.history import move
from queries.orders.attention import jobs_waiting
from services import outbox
from services.orders import notices, postings, stock
from services.orders.granted_refunds import return_surplus
from services.orders.records import lock_payment, move_order
from services.payments.applying import look_key, note_facts

WRONG_AMOUNT = N_("付的钱和订单金额对不上，全部退回，请重新下单")


class NotInTheBooks(Conflict):
    """The money is none, or in a currency in which nothing is booked."""

    code = "not_in_the_books"
    message = N_("这笔钱不是人民币，请在支付平台后台退回，再告诉管理员。")


def return_parked(actor: Actor, payment_id: int, session: PaymentSession) -> None:
    """Book what really came, send it back whole, and call the order off.

    session: the payment's page as it is now.
    Raises NotFound, PaymentMoved unless the payment is parked, or NotInTheBooks.
    """
    order, payment = lock_payment(actor, payment_id, Role.ACCOUNTANT)
    PAYMENT.check(payment.state, PaymentState.LATE)
    amount_fen = session.snapshot.amount_total_fen
    if session.snapshot.currency != payment.currency or amount_fen <= 0:
        raise NotInTheBooks()
    move(
        payment,
        PaymentState.LATE,
        account_id=actor.account_id,
        amount_fen=amount_fen,
        paid_at=now(),
    )
    postings.post_paid(order, payment.id, amount_fen)
    return_surplus(
        actor,
        order,
        amount_fen,
        request_id=f"parked:{payment.id}",
        reason=WRONG_AMOUNT,
    )
    if order.state == OrderState.PLACED:
        move_order(actor, order, OrderState.CANCELLED, reason=WRONG_AMOUNT)
        stock.release(order.id)
        notices.tell_cancelled(order)
    outbox.dismiss(look_key(payment.id))
    note_facts(order, payment, session)


def retry_job(actor: Actor, job_id: int) -> None:
    """Have the worker try once more what it tried in vain for an order.

    Raises NotFound.
    """
    waiting = jobs_waiting(actor, (Role.ACCOUNTANT,))
    if job_id not in {job.job_id for job in waiting}:
        raise NotFound()
    outbox.retry(job_id)
