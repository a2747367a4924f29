"""What does not go on by itself, and the button that moves each thing on."""

from contextlib import nullcontext

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import Form, attempt
from blueprints.nouns import orders as bp
from core.access import allow, get_actor
from core.database import transaction
from core.i18n import gettext as _
from domain.roles import BOOK_READERS, Role
from queries.orders.attention import attention
from services.orders import watching
from services.payments.gateway_calls import return_parked


@bp.get("/coop/attention")
@allow(*BOOK_READERS)
def needs_attention() -> ResponseReturnValue:
    """Payments of a wrong amount, refunds that failed, work that was tried in vain."""
    return _page()


@bp.post("/coop/attention/payments/<id:payment_id>/return")
@allow(Role.ACCOUNTANT, fresh=True)
def return_payment(payment_id: int) -> ResponseReturnValue:
    """Send back a payment whose amount is not the order's."""
    form = Form()
    if not attempt(
        form,
        lambda: return_parked(get_actor(), payment_id),
        within=nullcontext,
    ):
        return _page(form)
    flash(_("钱正在原路退回，订单取消了，货放回去了。"), "ok")
    return redirect(url_for("orders.needs_attention"), 303)


@bp.post("/coop/attention/jobs/<id:job_id>/retry")
@allow(Role.ACCOUNTANT)
def retry_job(job_id: int) -> ResponseReturnValue:
    """Have the worker try once more."""
    with transaction():
        watching.retry_job(get_actor(), job_id)
    flash(_("正在再试，过一分钟刷新看看。"), "ok")
    return redirect(url_for("orders.needs_attention"), 303)


def _page(pressed: Form | None = None) -> ResponseReturnValue:
    """pressed: a button that did nothing, and holds why."""
    actor = get_actor()
    for problem in pressed.form_errors if pressed else ():
        flash(problem, "warn")
    page = render_template(
        "orders/attention.html",
        waiting=attention(actor, BOOK_READERS),
        may_write=actor.has_role(Role.ACCOUNTANT),
        is_fresh=actor.is_fresh,
    )
    return page, pressed.status if pressed else 200
