"""What the hosted page shows: a plain view of a session or a PaymentIntent."""

from dataclasses import dataclass

from sandbox.account import Account
from sandbox.description import StripeObject
from sandbox.resources.balance import format_money
from sandbox.resources.checkout import return_url

METHOD_NAMES = {
    "card": ("银行卡", "Card"),
    "alipay": ("支付宝", "Alipay"),
    "wechat_pay": ("微信支付", "WeChat Pay"),
}


@dataclass(frozen=True)
class BillLine:
    """One thing sold; `total` is written out in the currency."""

    name: str
    quantity: int
    total: str


@dataclass(frozen=True)
class Bill:
    """state: `open`, `paid` or `closed`. Addresses are None where there is none."""

    merchant: str
    total: str
    lines: list[BillLine]
    methods: list[str]
    state: str
    done_url: str | None
    cancel_url: str | None


def bill_of_session(account: Account, session: StripeObject) -> Bill:
    """The bill of a Checkout Session."""
    items = account.hidden[session["id"]]["line_items"]
    states = {"open": "open", "complete": "paid", "expired": "closed"}
    return Bill(
        merchant=account.name,
        total=format_money(session["amount_total"], session["currency"]),
        lines=[_line(item) for item in items],
        methods=session["payment_method_types"],
        state=states[session["status"]],
        done_url=return_url(session),
        cancel_url=session["cancel_url"],
    )


def bill_of_intent(account: Account, intent: StripeObject) -> Bill:
    """The bill of a PaymentIntent that waits for the buyer's wallet."""
    hidden = account.hidden[intent["id"]]
    states = {"requires_action": "open", "succeeded": "paid"}
    return Bill(
        merchant=account.name,
        total=format_money(intent["amount"], intent["currency"]),
        lines=[],
        methods=[hidden["method"]],
        state=states.get(intent["status"], "closed"),
        done_url=hidden["return_url"],
        cancel_url=None,
    )


def _line(item: StripeObject) -> BillLine:
    total = format_money(item["amount_total"], item["currency"])
    return BillLine(item["description"], item["quantity"], total)
