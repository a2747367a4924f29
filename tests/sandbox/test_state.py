import stat
import time
from pathlib import Path

import pytest

from sandbox.server import Endpoint, SandboxServer
from tests.sandbox.described import CheckedClient
from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop, client_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.json"


def shop_of(server: SandboxServer, http_client: CheckedClient) -> Shop:
    return Shop(server, client_of(server, "sk_test_alice", http_client))


def test_objects_survive_a_restart(path: Path, http_client: CheckedClient) -> None:
    with SandboxServer(state=path) as server:
        shop = shop_of(server, http_client)
        opened, paid = shop.session(), shop.paid_session()
        server.controls.advance_clock(1_000)
    with SandboxServer(state=path) as server:
        shop = shop_of(server, http_client)
        again = shop.api.checkout.sessions.retrieve(opened.id)

        assert again.url == f"{server.base_url}/c/pay/{opened.id}"
        assert shop.click(str(again.url)).endswith(opened.id)
        assert shop.refund(paid).status == "succeeded"
        assert server.world.clock.offset_s == 1_000


def test_appointments_survive_a_restart(path: Path, http_client: CheckedClient) -> None:
    with SandboxServer(state=path) as server:
        opened = shop_of(server, http_client).session()
    with SandboxServer(state=path) as server:
        server.controls.advance_clock(86_400)
        shop = shop_of(server, http_client)

        assert shop.api.checkout.sessions.retrieve(opened.id).status == "expired"


def test_idempotency_keys_survive_a_restart(
    path: Path, http_client: CheckedClient
) -> None:
    made = []
    for _ in range(2):
        with SandboxServer(state=path) as server:
            intent = shop_of(server, http_client).api.payment_intents.create(
                {"amount": 500, "currency": "cny"}, {"idempotency_key": "k"}
            )
            made.append(intent.id)

    assert made[0] == made[1]


def test_undelivered_webhooks_are_sent_after_a_restart(
    path: Path, http_client: CheckedClient, receiver: Receiver
) -> None:
    endpoints = [Endpoint("sk_test_alice", receiver.url, "whsec_1")]
    with SandboxServer(state=path, endpoints=endpoints) as server:
        server.controls.hold_webhooks()
        shop_of(server, http_client).paid_session()
    assert receiver.deliveries == []

    with SandboxServer(state=path, endpoints=endpoints) as server:
        receiver.wait_for(4)
        assert server.drain()

    assert len(receiver.events("whsec_1")) == 4


def test_endpoints_given_at_the_start_are_not_kept(
    path: Path, http_client: CheckedClient, receiver: Receiver
) -> None:
    endpoints = [Endpoint("sk_test_alice", receiver.url, "whsec_1")]
    with SandboxServer(state=path, endpoints=endpoints):
        pass
    with SandboxServer(state=path) as server:
        shop_of(server, http_client).paid_session()
        assert server.drain()

    assert receiver.deliveries == []


def test_the_file_is_for_its_owner_and_whole(
    path: Path, http_client: CheckedClient
) -> None:
    with SandboxServer(state=path) as server:
        shop_of(server, http_client).session()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["sandbox.json"]


def test_the_file_is_written_while_running(
    path: Path, http_client: CheckedClient
) -> None:
    with SandboxServer(state=path) as server:
        session = shop_of(server, http_client).session()
        deadline = time.monotonic() + 5
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.02)

        assert session.id in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}'])
def test_a_strange_file_is_not_taken(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match="not a sandbox state file"):
        SandboxServer(state=path)
