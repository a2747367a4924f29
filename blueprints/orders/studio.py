"""The shipping desk: take on, pack, hand to the carrier, note the arrival."""

from collections.abc import Callable, Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.nouns import orders as bp
from blueprints.orders.desk_forms import FailForm, PacketsForm, RowForm, ShipForm
from core.access import Actor, allow, get_actor
from core.database import transaction
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pages.paging import page_number
from domain.orders.states import OrderMoved
from domain.roles import PACKERS
from models.orders import Order
from queries.orders.packing import (
    Packet,
    Queue,
    count_waiting,
    packets_of,
    packets_waiting,
)
from queries.scopes import find_visible
from services.orders import cancelling, fulfilling

packer = allow(*PACKERS)
ROW_FORMS: Mapping[Queue, type[RowForm]] = {
    Queue.SHIP: ShipForm,
    Queue.ON_THE_WAY: FailForm,
}


@bp.get("/studio/shipping")
@packer
def shipping() -> ResponseReturnValue:
    """The queues: to take on, to pack, to send, on the way."""
    return _page(_queue(request.args.get("queue")))


@bp.post("/studio/shipping/packets")
@packer
def handle_packets() -> ResponseReturnValue:
    """Pack several orders at once, or print their slips."""
    form = PacketsForm()
    order_ids = form.order_ids()
    if not order_ids:
        flash(_("先勾上要处理的订单。"), "warn")
        return _to_queue(Queue.PACK)
    if form.wants_slips:
        size = "label" if form.act.data == "labels" else "a4"
        return redirect(url_for("orders.slips", order=order_ids, size=size), 303)
    _pack_all(packets_of(get_actor(), order_ids))
    return _to_queue(Queue.PACK)


@bp.get("/studio/shipping/slips")
@packer
def slips() -> ResponseReturnValue:
    """Packing slips of the chosen orders, on A4 or on labels."""
    packets = packets_of(get_actor(), PacketsForm.ids_in(request.args.getlist("order")))
    if not packets:
        raise NotFound()
    size = "label" if request.args.get("size") == "label" else "a4"
    return render_template("orders/slips.html", packets=packets, size=size)


@bp.post("/studio/shipping/<id:order_id>/accept")
@packer
def accept(order_id: int) -> ResponseReturnValue:
    """Take on an order that is paid at the door."""
    return _act(
        order_id, fulfilling.accept_cash_order, Queue.ACCEPT, _("接单了，可以打包了。")
    )


@bp.post("/studio/shipping/<id:order_id>/pack")
@packer
def pack(order_id: int) -> ResponseReturnValue:
    """The box is ready."""
    return _act(order_id, fulfilling.pack, Queue.PACK, _("打包好了，等快递来取。"))


@bp.post("/studio/shipping/<id:order_id>/ship")
@packer
def ship(order_id: int) -> ResponseReturnValue:
    """The carrier has the box."""
    form = ShipForm(order_id, is_sent=True)
    if not attempt(
        form,
        lambda: fulfilling.ship(
            get_actor(),
            order_id,
            carrier=form.carrier.data,
            tracking_number=form.tracking_number.data,
        ),
    ):
        return _refused(Queue.SHIP, order_id, form)
    flash(_("发出去了，单号已发短信给买家。"), "ok")
    return _to_queue(Queue.SHIP)


@bp.post("/studio/shipping/<id:order_id>/delivered")
@packer
def delivered(order_id: int) -> ResponseReturnValue:
    """The carrier says that it arrived: the money is divided."""
    done = _("记下了：已送到，钱按约定分到各家账上。")
    return _act(order_id, fulfilling.confirm_delivery, Queue.ON_THE_WAY, done)


@bp.post("/studio/shipping/<id:order_id>/failed")
@packer
def failed(order_id: int) -> ResponseReturnValue:
    """The parcel came back or was lost: the buyer gets the money back."""
    form = FailForm(order_id, is_sent=True)
    if not attempt(
        form,
        lambda: cancelling.fail_parcel(
            get_actor(),
            order_id,
            outcome=form.state,
            reason=form.reason.data,
            restock=form.restock.data,
        ),
    ):
        return _refused(Queue.ON_THE_WAY, order_id, form)
    flash(_("订单取消了，钱退给买家。"), "ok")
    return _to_queue(Queue.ON_THE_WAY)


def _act(
    order_id: int,
    act: Callable[[Actor, int], object],
    queue: Queue,
    done: str,
) -> ResponseReturnValue:
    with transaction():
        act(get_actor(), order_id)
    flash(done, "ok")
    return _to_queue(queue)


def _refused(queue: Queue, order_id: int, form: RowForm) -> ResponseReturnValue:
    """The queue with a form typed wrongly; what a rule refused is a page of its own."""
    if form.refused is not None:
        raise form.refused
    if find_visible(Order, order_id, get_actor(), *PACKERS) is None:
        raise NotFound()
    return _page(queue, {order_id: form}, form.status)


def _pack_all(packets: Sequence[Packet]) -> None:
    """Pack what can be packed; what moved on meanwhile stays as it is."""
    packed = 0
    with transaction():
        for packet in packets:
            try:
                fulfilling.pack(get_actor(), packet.id)
                packed += 1
            except OrderMoved:
                continue
    flash(ngettext("%(num)s 单打包好了。", "%(num)s 单打包好了。", packed), "ok")
    if left := len(packets) - packed:
        moved = ngettext(
            "有 %(num)s 单状态变了，没有动。", "有 %(num)s 单状态变了，没有动。", left
        )
        flash(moved, "warn")


def _queue(text: str | None) -> Queue:
    return Queue(text) if text in set(Queue) else Queue.PACK


def _page(
    queue: Queue, typed: Mapping[int, RowForm] | None = None, status: int = 200
) -> ResponseReturnValue:
    """A queue; typed: the form that was sent wrongly, by its order."""
    actor = get_actor()
    packets = packets_waiting(actor, queue, page_number(request.args.get("page")))
    kind = ROW_FORMS.get(queue)
    forms = {packet.id: kind(packet.id) for packet in packets.items} if kind else {}
    page = render_template(
        "orders/shipping.html",
        queue=queue,
        counts=count_waiting(actor),
        packets=packets,
        forms={**forms, **(typed or {})},
        wrong=next(iter((typed or {}).values()), None),
    )
    return page, status


def _to_queue(queue: Queue) -> ResponseReturnValue:
    return redirect(url_for("orders.shipping", queue=queue.value), 303)
