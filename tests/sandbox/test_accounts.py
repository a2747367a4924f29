import pytest
import requests
import stripe

from tests.sandbox.described import CheckedClient
from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop, client_of


@pytest.fixture
def other(shop: Shop, http_client: CheckedClient) -> Shop:
    return Shop(shop.sandbox, client_of(shop.sandbox, "sk_test_bob", http_client))


def test_each_key_is_its_own_account(shop: Shop, other: Shop) -> None:
    session = shop.paid_session()

    assert other.api.checkout.sessions.list().data == []
    assert other.api.balance.retrieve().pending[0].amount == 0
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        other.api.checkout.sessions.retrieve(session.id)
    mine, theirs = (each.api.accounts.retrieve_current().id for each in (shop, other))
    assert mine != theirs


def test_idempotency_keys_are_an_accounts_own(shop: Shop, other: Shop) -> None:
    first, second = (
        each.api.payment_intents.create(
            {"amount": 500, "currency": "cny"}, {"idempotency_key": "k"}
        )
        for each in (shop, other)
    )

    assert first.id != second.id


def test_events_go_to_their_own_accounts_endpoint(
    shop: Shop, other: Shop, receiver: Receiver
) -> None:
    shop.api.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})

    other.paid_session()
    shop.api.payment_intents.create({"amount": 500, "currency": "cny"})

    assert shop.sandbox.drain()
    assert receiver.types() == ["payment_intent.created"]


def test_another_accounts_refund_is_refused(shop: Shop, other: Shop) -> None:
    session = shop.paid_session()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        other.refund(session)

    assert refused.value.code == "resource_missing"


@pytest.mark.parametrize(
    "key", ["sk_live_" + "x" * 8, "pk_test_x", "secret", "sk_test_"]
)
def test_an_unknown_kind_of_key_is_refused(
    shop: Shop, http_client: CheckedClient, key: str
) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client_of(shop.sandbox, key, http_client).v1.balance.retrieve()

    assert key not in str(refused.value) or len(key) <= 8


def test_a_missing_key_is_asked_for(shop: Shop) -> None:
    answer = requests.get(f"{shop.sandbox.base_url}/v1/balance", timeout=5)

    assert answer.status_code == 401
    assert "You did not provide an API key" in answer.text


def test_a_key_may_be_the_basic_user_name(shop: Shop) -> None:
    answer = requests.get(
        f"{shop.sandbox.base_url}/v1/account", auth=("sk_test_alice", ""), timeout=5
    )

    assert answer.json()["id"] == shop.api.accounts.retrieve_current().id


def test_no_account_acts_for_another(shop: Shop) -> None:
    own = shop.api.accounts.retrieve_current().id

    shop.api.balance.retrieve(options={"stripe_account": own})
    with pytest.raises(stripe.PermissionError):
        shop.api.balance.retrieve(options={"stripe_account": "acct_other"})


def test_a_merchant_has_a_name(shop: Shop, http_client: CheckedClient) -> None:
    key = "sk_test_named"
    shop.sandbox.controls.name_merchant(key, "杨家岭合作社")
    named = Shop(shop.sandbox, client_of(shop.sandbox, key, http_client))

    profile = named.api.accounts.retrieve_current().business_profile
    page = requests.get(named.session().url, timeout=5)

    assert profile is not None
    assert profile.name == "杨家岭合作社"
    assert "杨家岭合作社" in page.text
