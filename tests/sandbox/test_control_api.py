from typing import Any

import pytest
import requests

from sandbox.server import SandboxServer, create_sandbox_app
from tests.sandbox.described import CheckedClient
from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop, client_of


def control(shop: Shop, path: str, verb: str = "POST", **body: Any) -> Any:
    """Call a control; returns its result, or fails on any status but 200."""
    url = f"{shop.sandbox.base_url}/_control{path}"
    answer = requests.request(verb, url, json=body, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json().get("result")


def test_status_tells_what_is_set(shop: Shop) -> None:
    control(shop, "/settings", fee_rate_bp=290, fee_fixed=30)
    control(shop, "/faults", kind="error", count=3)
    control(shop, "/webhooks", duplicates=1, shuffled=True)

    status = control(shop, "/", "GET")

    assert status["settings"]["fee_rate_bp"] == 290
    assert status["faults"][0]["count"] == 3
    assert status["webhooks"]["duplicates"] == 1


def test_reset_forgets_everything(shop: Shop) -> None:
    shop.paid_session()
    control(shop, "/settings", fee_rate_bp=0)
    control(shop, "/faults", kind="error")

    control(shop, "/reset")

    status = control(shop, "/", "GET")
    assert status["faults"] == []
    assert status["settings"]["fee_rate_bp"] == 340
    assert shop.api.checkout.sessions.list().data == []


def test_sessions_refunds_and_payouts_are_driven(shop: Shop) -> None:
    session = shop.session()
    control(shop, f"/sessions/{session.id}/decline", method="card")
    paid = control(shop, f"/sessions/{session.id}/pay", method="alipay")
    refund = shop.api.refunds.create({"payment_intent": paid["payment_intent"]})
    expired = control(shop, f"/sessions/{shop.session().id}/expire")

    settled = control(shop, f"/refunds/{refund.id}/settle", succeeded=False)
    control(shop, "/balance/release")
    payout = shop.api.payouts.create({"amount": 100, "currency": "cny"})

    assert paid["payment_status"] == "paid"
    assert expired["status"] == "expired"
    assert settled["status"] == "failed"
    assert control(shop, f"/payouts/{payout.id}/settle")["status"] == "paid"


def test_the_clock_moves_ahead_only(shop: Shop) -> None:
    before = control(shop, "/", "GET")["now"]

    assert control(shop, "/clock/advance", seconds=3_600) >= before + 3_600
    assert refused(shop, "/clock/advance", {"seconds": -1}) == 400


def test_requests_are_listed(shop: Shop) -> None:
    control(shop, "/requests", "DELETE")
    shop.api.payment_intents.create({"amount": 500, "currency": "cny"})

    (request,) = control(shop, "/requests", "GET")

    assert (request["method"], request["path"]) == ("POST", "/v1/payment_intents")
    assert request["params"]["amount"] == "500"
    assert request["status"] == 200


def test_an_endpoint_with_a_known_secret(
    http_client: CheckedClient, receiver: Receiver
) -> None:
    body = {"key": "sk_test_carol", "url": receiver.url, "secret": "whsec_known"}
    with SandboxServer() as server:
        own = Shop(server, client_of(server, "sk_test_carol", http_client))
        control(own, "/endpoints", **body)
        control(own, "/merchants", key="sk_test_carol", name="卡罗")
        control(own, "/webhooks/hold")
        own.session()
        own.paid_session()
        control(own, "/webhooks/release", shuffled=True, seed=7)
        assert server.drain()
        assert control(own, "/webhooks/replay", event_type="charge.succeeded") == 1
        assert server.drain()
        statuses = {each["status"] for each in control(own, "/webhooks", "GET")}

    assert statuses == {200}
    assert len(receiver.events("whsec_known")) == 5


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/settings", {"fee_rate_bp": -1}, 400),
        ("/settings", {"speed": 1}, 400),
        ("/settings", [], 400),
        ("/faults", {"kind": "explode"}, 400),
        ("/faults", {"when": "before"}, 400),
        ("/webhooks", {"duplicates": -1, "shuffled": False}, 400),
        ("/endpoints", {"key": "sk_test_a"}, 400),
        ("/sessions/cs_none/pay", {}, 404),
        ("/refunds/re_none/settle", {}, 404),
        ("/nothing", {}, 404),
    ],
)
def test_senseless_orders_are_refused(
    shop: Shop, path: str, body: Any, status: int
) -> None:
    assert refused(shop, path, body) == status


@pytest.mark.parametrize("verb", ["pay", "decline"])
def test_a_closed_session_takes_no_more_orders(shop: Shop, verb: str) -> None:
    session = shop.paid_session()

    assert refused(shop, f"/sessions/{session.id}/{verb}", {}) == 400
    assert refused(shop, f"/sessions/{session.id}/{verb}", {"method": "gold"}) == 400


def test_web_pages_cannot_give_orders(shop: Shop) -> None:
    url = f"{shop.sandbox.base_url}/_control/reset"

    assert requests.post(url, data="{}", timeout=5).status_code == 415


def test_other_machines_cannot_give_orders(shop: Shop) -> None:
    browser = create_sandbox_app(shop.sandbox.world).test_client()

    answer = browser.get("/_control/", environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:12111", "Origin": "http://evil.example:12111"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "192.0.2.1"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:12111", "Origin": "http://localhost:12111"}, 200),
        ({"Host": "127.0.0.1:12111"}, 200),
        ({"Host": "[::1]:12111"}, 200),
    ],
)
def test_pages_of_other_sites_cannot_give_orders(
    shop: Shop, headers: dict[str, str], status: int
) -> None:
    for verb, path in (("GET", "/"), ("POST", "/settings"), ("DELETE", "/faults")):
        url = f"{shop.sandbox.base_url}/_control{path}"
        body: Any = {} if verb == "POST" else None
        answer = requests.request(verb, url, json=body, headers=headers, timeout=5)

        assert answer.status_code == status, verb


def refused(shop: Shop, path: str, body: Any) -> int:
    url = f"{shop.sandbox.base_url}/_control{path}"
    return requests.post(url, json=body, timeout=5).status_code


def test_a_payment_of_the_past_can_be_refunded(shop: Shop) -> None:
    a_month_ago = control(shop, "/", "GET")["now"] - 30 * 86_400

    paid = control(
        shop,
        "/payments",
        key="sk_test_alice",
        reference="TB-1",
        amount=11280,
        currency="cny",
        paid_at=a_month_ago,
    )

    session: Any = shop.api.checkout.sessions.retrieve(
        paid["id"], {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    charge = session.payment_intent.latest_charge
    assert session.payment_status == "paid"
    assert charge.created == a_month_ago
    assert charge.balance_transaction.status == "available"
    assert shop.refund(session).amount == 11280
    assert control(shop, "/webhooks", "GET") == []
