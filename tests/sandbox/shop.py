"""A merchant who sells through the sandbox: the steps most tests begin with."""

from typing import Any

import requests
import stripe

from sandbox.server import SandboxServer

Params = dict[str, Any]


def client_of(
    server: SandboxServer, key: str, http_client: stripe.HTTPClient
) -> stripe.StripeClient:
    """The library's client with every base address overridden, as in the app."""
    addresses: Any = dict.fromkeys(
        ("api", "connect", "files", "meter_events"), server.base_url
    )
    return stripe.StripeClient(key, base_addresses=addresses, http_client=http_client)


class Shop:
    """Speaks to Stripe as the application does, and to the page as a buyer does."""

    def __init__(self, sandbox: SandboxServer, client: stripe.StripeClient) -> None:
        self.sandbox = sandbox
        self.api = client.v1

    def session(self, amount: int = 11_280, **changes: Any) -> Any:
        return self.api.checkout.sessions.create(order(amount) | changes)  # type: ignore[arg-type]

    def paid_session(self, amount: int = 11_280, *, method: str = "card") -> Any:
        session = self.session(amount)
        self.sandbox.controls.pay_session(session.id, method=method)
        return self.api.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
        )

    def refund(self, session: Any, **changes: Any) -> Any:
        params: Any = {"payment_intent": session.payment_intent.id, **changes}
        return self.api.refunds.create(params)

    def click(self, url: str, *, method: str = "card", outcome: str = "pay") -> str:
        """Press a button of the hosted page; returns where the buyer is sent."""
        answer = requests.post(
            url,
            data={"method": method, "outcome": outcome},
            allow_redirects=False,
            timeout=5,
        )
        assert answer.status_code == 303
        return answer.headers["Location"]


def order(amount: int = 11_280) -> Params:
    """Parameters of a Checkout Session over one box of sweet potatoes."""
    price = {
        "currency": "cny",
        "unit_amount": amount,
        "product_data": {"name": "蜜薯 5 斤"},
    }
    return {
        "mode": "payment",
        "success_url": "http://shop.test/orders/1?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/cart",
        "client_reference_id": "T-1",
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_method_types": ["card", "alipay", "wechat_pay"],
        "payment_method_options": {"wechat_pay": {"client": "web"}},
        "payment_intent_data": {"description": "订单 T-1", "metadata": {"order": "1"}},
    }
