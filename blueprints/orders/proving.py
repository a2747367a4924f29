"""A guest's proof, asked for by an unusual order, that the phone is theirs."""

from flask import request, session

from blueprints.known import code_limits, this_browser
from blueprints.limits import count_for
from blueprints.orders.forms import CheckoutForm
from core.database import transaction
from core.errors import TooMany
from core.i18n import say
from services.accounts.codes import Purpose, WrongCode, send_code, use_code

PROVEN = "proven_phone"
"""Where the session keeps the number, so that no later step asks for a code."""


def is_phone_proven(form: CheckoutForm) -> bool:
    """Whether this browser has proven the form's phone, now or before.

    Raises WrongCode. The try is kept by a transaction of its own.
    """
    phone, code = form.phone.data, form.code.data
    if session.get(PROVEN) == phone:
        return True
    if not code or "resend" in request.form:
        return False
    with transaction():
        is_right = use_code(phone, code, this_browser(), Purpose.ORDER)
    if not is_right:
        raise WrongCode()
    session[PROVEN] = phone
    return True


def ask_for_proof(form: CheckoutForm) -> None:
    """Send the form's phone a code; too many are said at the field, like all else."""
    phone = form.phone.data
    try:
        count_for(*code_limits(phone))
    except TooMany as error:
        form.code.errors = [say(error)]
        return
    with transaction():
        send_code(phone, this_browser(), Purpose.ORDER)
