"""One sandbox for all tests here, emptied before each."""

from collections.abc import Iterator

import pytest

from sandbox.server import SandboxServer
from tests.sandbox.described import CheckedClient
from tests.sandbox.receiver import Receiver
from tests.sandbox.shop import Shop, client_of


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(running_sandbox: SandboxServer) -> SandboxServer:
    running_sandbox.controls.reset()
    return running_sandbox


@pytest.fixture
def http_client() -> Iterator[CheckedClient]:
    client = CheckedClient()
    yield client
    client.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def shop(sandbox: SandboxServer, http_client: CheckedClient) -> Shop:
    return Shop(sandbox, client_of(sandbox, "sk_test_alice", http_client))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server
