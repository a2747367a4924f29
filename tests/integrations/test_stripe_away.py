"""Stripe slow or silent: calls end in time, in number, and stop being made."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from core import clock
from core.clock import now
from integrations.circuit import FAILURES, PAUSE
from integrations.gateway import PaymentDown, PaymentNotSetUp
from integrations.stripe_gateway import Patience, StripeGateway
from sandbox.server import SandboxServer
from tests.conftest import STRIPE_KEY

LONG_S = 60.0
"""What a test would take if a call did not end by itself."""
SHORT = Patience(connect_s=1.0, limit_s=0.3, retries=2, at_once=2)
CALM = Patience(connect_s=1.0, limit_s=LONG_S, retries=0, at_once=2)


def gateway_to(base: str, patience: Patience) -> StripeGateway:
    return StripeGateway(STRIPE_KEY, None, base, patience)


def ask(gateway: StripeGateway) -> None:
    """A call that Stripe answers: there is no such session."""
    with pytest.raises(PaymentNotSetUp):
        gateway.fetch_session("cs_test_none")


def ask_in_vain(gateway: StripeGateway) -> None:
    with pytest.raises(PaymentDown):
        gateway.fetch_session("cs_test_none")


@pytest.mark.parametrize("kind", ["hang", "trickle"])
def test_a_call_ends_in_time_with_all_its_tries(
    stripe_sandbox: SandboxServer, kind: str
) -> None:
    seconds = {"hang": LONG_S, "trickle": 0.1}[kind]
    stripe_sandbox.controls.add_fault(kind=kind, seconds=seconds, count=9)

    started = time.monotonic()
    ask_in_vain(gateway_to(stripe_sandbox.base_url, SHORT))
    assert time.monotonic() - started < 10 * SHORT.limit_s
    stripe_sandbox.controls.clear_faults()
    ask(gateway_to(stripe_sandbox.base_url, SHORT))


@contextmanager
def trickling_headers() -> Iterator[str]:
    """A server whose headers never end; yields its address."""
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = threading.Thread(target=serve, args=(server,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            serving.join()


def test_headers_that_never_end_are_given_up() -> None:
    once = Patience(connect_s=1.0, limit_s=0.3, retries=0, at_once=2)
    with trickling_headers() as base:
        ask_in_vain(gateway_to(base, once))


def test_one_call_too_many_is_refused_and_waits_for_none(
    stripe_sandbox: SandboxServer,
) -> None:
    gateway = gateway_to(stripe_sandbox.base_url, CALM)
    controls = stripe_sandbox.controls
    controls.add_fault(kind="hang", seconds=LONG_S, count=CALM.at_once)
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(ask, gateway) for _ in range(CALM.at_once)]
        while controls.status()["waiting"] < CALM.at_once:
            pass

        ask_in_vain(gateway)
        assert controls.status()["waiting"] == CALM.at_once
        controls.clear_faults()
        for each in asked:
            each.result()
    ask(gateway)


def test_who_does_not_answer_is_asked_seldom(stripe_sandbox: SandboxServer) -> None:
    gateway = gateway_to(stripe_sandbox.base_url, CALM)
    controls = stripe_sandbox.controls
    controls.add_fault(kind="unavailable", count=FAILURES + 1)
    for _ in range(FAILURES + 2):
        ask_in_vain(gateway)
    assert len(controls.requests()) == FAILURES

    with clock.at(now() + PAUSE):
        ask_in_vain(gateway)
        ask_in_vain(gateway)
    assert len(controls.requests()) == FAILURES + 1, "one try in each pause"

    with clock.at(now() + 2 * PAUSE):
        for _ in range(CALM.at_once + 1):
            ask(gateway)
    ask(gateway)


def test_one_call_at_a_time_tries_whether_there_is_an_answer_again(
    stripe_sandbox: SandboxServer,
) -> None:
    gateway = gateway_to(stripe_sandbox.base_url, CALM)
    controls = stripe_sandbox.controls
    controls.add_fault(kind="unavailable", count=FAILURES)
    for _ in range(FAILURES):
        ask_in_vain(gateway)
    controls.add_fault(kind="hang", seconds=LONG_S)

    def ask_later() -> None:
        with clock.at(now() + PAUSE):
            ask(gateway)

    with ThreadPoolExecutor() as threads:
        trying = threads.submit(ask_later)
        while not controls.status()["waiting"]:
            pass
        with clock.at(now() + PAUSE):
            ask_in_vain(gateway)
        controls.clear_faults()
        trying.result()
    ask(gateway)


def test_a_clock_put_back_makes_no_pause_longer(stripe_sandbox: SandboxServer) -> None:
    gateway = gateway_to(stripe_sandbox.base_url, CALM)
    stripe_sandbox.controls.add_fault(kind="unavailable", count=FAILURES)
    with clock.at(now() + timedelta(days=1)):
        for _ in range(FAILURES):
            ask_in_vain(gateway)

    ask(gateway)
