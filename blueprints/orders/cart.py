"""The cart: put in, change, take out."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.buyers import find_buyer, start_buyer
from blueprints.forms import attempt
from blueprints.nouns import orders as bp
from blueprints.orders.forms import AddForm, ItemForm, first_problem
from core.access import public
from core.database import transaction
from core.errors import NotFound
from core.i18n import gettext as _
from queries.cooperative import freight_rules
from queries.orders.carts import CartView, cart_view
from services.orders.cart import add_item as put_into_cart
from services.orders.cart import remove_item, set_quantity


@bp.get("/cart")
@public
def cart() -> ResponseReturnValue:
    """What the buyer means to buy, at today's prices and stock."""
    return _cart_page()


@bp.post("/cart/items")
@public
def add_item() -> ResponseReturnValue:
    """Put boxes into the cart, and go there or straight on to checkout."""
    form = AddForm()
    if not attempt(
        form,
        lambda: put_into_cart(
            start_buyer(),
            variant_id=form.variant_id.data,
            quantity=form.quantity.data,
            session_slug=form.session.data or None,
            pin_seq=form.pin_seq,
        ),
    ):
        return _cart_page(first_problem(form)), form.status
    if form.now.data:
        return redirect(url_for("orders.checkout"), 303)
    flash(_("放进小黄车了。"), "ok")
    return redirect(url_for("orders.cart"), 303)


@bp.post("/cart/items/<id:item_id>")
@public
def change_item(item_id: int) -> ResponseReturnValue:
    """Change how many boxes a line holds, or take it out."""
    buyer = find_buyer()
    if buyer is None:
        raise NotFound()
    form = ItemForm()
    if form.wants_out:
        with transaction():
            remove_item(buyer, item_id)
        return redirect(url_for("orders.cart"), 303)
    if not attempt(form, lambda: set_quantity(buyer, item_id, form.quantity.data)):
        return _cart_page(first_problem(form), {item_id: form.typed}), form.status
    return redirect(url_for("orders.cart", _anchor=f"line-{item_id}"), 303)


def _cart_page(problem: str = "", typed: Mapping[int, str] | None = None) -> str:
    buyer = find_buyer()
    cart = cart_view(buyer) if buyer else CartView(())
    return render_template(
        "orders/cart.html",
        cart=cart,
        rules=freight_rules(group.cooperative_id for group in cart.groups),
        problem=problem,
        typed=typed or {},
    )
