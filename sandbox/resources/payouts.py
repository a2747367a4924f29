"""Payouts of the available balance to the merchant's bank."""

from sandbox.account import Account, Call, new_id
from sandbox.description import StripeObject
from sandbox.errors import StripeError
from sandbox.resources import balance
from sandbox.resources.events import emit
from sandbox.resources.payment_intents import check_amount, check_currency


def create_payout(call: Call) -> StripeObject:
    """`POST /v1/payouts`: refused above the available balance, paid after a delay."""
    account, params = call.account, call.params
    amount = check_amount(params["amount"])
    currency = check_currency(params["currency"])
    if amount > balance.available_amount(account, currency):
        message = "You have insufficient funds in your Stripe account for this payout."
        raise StripeError(400, message, code="balance_insufficient", param="amount")
    arrival = account.now() + account.runtime.settings.payout_delay_s
    payout = account.create(
        "payout",
        "po",
        amount=amount,
        arrival_date=arrival,
        currency=currency,
        description=params.get("description"),
        destination=new_id("ba"),
        metadata=params.get("metadata", {}),
        method="standard",
        reconciliation_status="not_applicable",
        source_type="card",
        statement_descriptor=params.get("statement_descriptor"),
        status="pending",
        type="bank_account",
    )
    moved = balance.post_movement(account, payout, kind="payout", amount=-amount)
    payout["balance_transaction"] = moved["id"]
    account.schedule(arrival, "settle_payout", payout["id"])
    emit(account, "payout.created", payout)
    return payout


def settle_payout(account: Account, payout_id: str, *, succeeded: bool) -> StripeObject:
    """The bank took a pending payout, or sent the money back."""
    payout = account.get("payout", payout_id, param="payout")
    if payout["status"] != "pending":
        return payout
    if succeeded:
        payout["status"] = "paid"
        emit(account, "payout.paid", payout)
    else:
        _give_back(account, payout)
        emit(account, "payout.failed", payout)
    return payout


def _give_back(account: Account, payout: StripeObject) -> None:
    amount = payout["amount"]
    moved = balance.post_movement(account, payout, kind="payout_failure", amount=amount)
    payout |= {
        "failure_balance_transaction": moved["id"],
        "failure_code": "could_not_process",
        "failure_message": "The bank could not process this payout.",
        "status": "failed",
    }
