"""What does not go on by itself, and the button that moves each thing on."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.nouns import orders as bp
from core.access import allow, get_actor
from core.database import transaction
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from domain.roles import Role
from queries.orders.access import scope_of
from queries.orders.attention import attention, find_parked_payment
from services import outbox
from services.payments.conversations import return_parked

READERS = (Role.ACCOUNTANT, Role.CHAIR, Role.AUDITOR)


@bp.get("/coop/attention")
@allow(*READERS)
def needs_attention() -> ResponseReturnValue:
    """Payments of a wrong amount, refunds that failed, work that was tried in vain."""
    return _page()


@bp.post("/coop/attention/payments/<id:payment_id>/return")
@allow(Role.ACCOUNTANT, fresh=True)
def return_payment(payment_id: int) -> ResponseReturnValue:
    """Send back a payment whose amount is not the order's."""
    scope = scope_of(get_actor(), Role.ACCOUNTANT)
    if find_parked_payment(payment_id, scope) is None:
        raise NotFound()
    try:
        return_parked(payment_id, transaction, by=get_actor().account_id)
    except DomainError as error:
        return _page(error)
    flash(_("钱正在原路退回，订单取消了，货放回去了。"), "ok")
    return redirect(url_for("orders.needs_attention"), 303)


@bp.post("/coop/attention/jobs/<id:job_id>/retry")
@allow(Role.ACCOUNTANT)
def retry_job(job_id: int) -> ResponseReturnValue:
    """Have the worker try once more."""
    waiting = attention(scope_of(get_actor(), Role.ACCOUNTANT)).jobs
    if job_id not in {job.job_id for job in waiting}:
        raise NotFound()
    with transaction():
        outbox.retry(job_id)
    flash(_("正在再试，过一分钟刷新看看。"), "ok")
    return redirect(url_for("orders.needs_attention"), 303)


def _page(refused: DomainError | None = None) -> ResponseReturnValue:
    """refused: why the button just pressed did nothing."""
    actor = get_actor()
    if refused is not None:
        flash(say(refused), "warn")
    page = render_template(
        "orders/attention.html",
        waiting=attention(scope_of(actor, *READERS)),
        may_write=actor.has_role(Role.ACCOUNTANT),
        is_fresh=actor.is_fresh,
    )
    return page, refused.status if refused else 200
