"""Stripe hangs, and as many want to pay as there are threads: all else goes on."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from integrations.stripe_gateway import IN_A_PAGE
from models.orders import Order
from models.payments import Payment
from scripts.run import THREADS
from tests.support.factories import Goods
from tests.support.house import House
from tests.support.shopper import ADDRESS

Arrange = Callable[[], AbstractContextManager[Session]]

BUYERS = int(THREADS)
PATIENCE_S = 60.0
HANGING_S = 600.0
A_WORKER = 1
"""It goes on for one of those who wait, and hangs as well."""


class Guest:
    """A browser without scripts that follows nothing by itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["Origin"] = url

    def post(self, path: str, **form: object) -> str:
        """Send a form; where its answer leads."""
        return self._ask("POST", path, data=form)

    def get(self, path: str) -> str:
        """Where a page leads."""
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, data: Any = None) -> str:
        answer = self._session.request(
            method,
            self._url + path,
            data=data,
            timeout=PATIENCE_S,
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def states(arrange: Arrange) -> set[str]:
    with arrange() as session:
        return set(session.scalars(select(Order.state)))


def sessions(arrange: Arrange) -> list[str | None]:
    """The payment page of each order, None for one that is not open yet."""
    with arrange() as session:
        return list(session.scalars(select(Payment.provider_session)))


def test_while_stripe_hangs_pages_are_served_and_afterwards_all_is_paid(
    live_server: House, arrange: Arrange, goods: Goods
) -> None:
    url, controls = live_server.url, live_server.sandbox.controls
    guests = [Guest(url) for _ in range(BUYERS)]
    for guest in guests:
        guest.post("/cart/items", variant_id=goods.variant_id, quantity=1)
    controls.add_fault(kind="hang", seconds=HANGING_S, count=1_000)

    def check_out(serial: int) -> str:
        form = {"payment_method": "stripe", "request_id": f"hanging-{serial:06}"}
        return guests[serial].post("/checkout", **ADDRESS | form)

    with ThreadPoolExecutor(BUYERS) as threads:
        asked = [threads.submit(check_out, serial) for serial in range(BUYERS)]
        until(lambda: sum(each.done() for each in asked) >= BUYERS // 2)
        for path in ("/healthz", "/", "/products"):
            assert requests.get(url + path, timeout=PATIENCE_S).ok
            assert not all(each.done() for each in asked), f"{path} came after Stripe"
            assert controls.status()["waiting"] <= IN_A_PAGE.at_once + A_WORKER
        controls.clear_faults()
        led_to = [each.result() for each in asked]

    until(lambda: None not in sessions(arrange))
    for guest, address in zip(guests, led_to, strict=True):
        to_order = address.startswith("/orders/")
        page = guest.get(f"/payments{address}/next") if to_order else address
        assert "/c/pay/cs_" in page
    opened = live_server.sandbox.world.account("sk_test_house").objects
    assert len(opened["checkout.session"]) == BUYERS, "no page twice"
    for session_id in sessions(arrange):
        controls.pay_session(str(session_id))
    until(lambda: states(arrange) == {"paid"})
