"""For a guest who lost the link to an order: it is sent again by text message."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.limits import count_attempt
from blueprints.nouns import orders as bp
from blueprints.orders.forms import FindForm
from core.access import public
from core.database import transaction
from core.i18n import gettext as _
from services.orders.links import send_link_again
from services.rates import LINK_PER_ADDRESS, LINK_PER_PHONE


@bp.route("/orders/find", methods=["GET", "POST"])
@public
def find() -> ResponseReturnValue:
    """Number and phone; the answer does not tell whether they belong together."""
    form = FindForm(data={"number": request.args.get("number", "")[:40]})
    if not form.validate_on_submit():
        return render_template("orders/find.html", form=form, lost=""), form.status
    count_attempt(LINK_PER_ADDRESS, (LINK_PER_PHONE, form.phone.data))
    with transaction():
        send_link_again(form.number.data, form.phone.data)
    flash(_("订单号和手机号对得上的话，链接马上发到手机上。"), "info")
    return redirect(url_for("orders.find"), 303)


def lost_page(number: str, status: int) -> ResponseReturnValue:
    """What is shown in place of an order that this browser may not open."""
    form = FindForm(data={"number": number[:40]})
    return render_template("orders/find.html", form=form, lost=number[:40]), status
