"""A web process full of guests who order, for a test that kills it.

python -m tests.support.buying DATABASE_URL FOLDER VARIANT: a line for each order whose
buyer was answered.
"""

import sys
from itertools import count
from pathlib import Path
from threading import Thread

from flask import Flask

from tests.support.databases import build_app
from tests.support.shopper import ADDRESS

BUYERS = 6
EACH = 9
"""As many as one address may order without being slowed down."""


def buy_on(app: Flask, buyer: int, variant: str) -> None:
    """Order boxes as new guests until none is left."""
    for turn in count():
        guest = app.test_client()
        origin = {"REMOTE_ADDR": f"10.0.{buyer}.{turn // EACH}"}
        box = {"variant_id": variant, "quantity": 1}
        guest.post("/cart/items", data=box, environ_base=origin)
        phone = f"138{buyer:02d}{turn:06d}"
        request_id = f"killed-{buyer}-{turn:06d}"
        form = {**ADDRESS, "phone": phone, "request_id": request_id}
        answer = guest.post("/checkout", data=form, environ_base=origin)
        if answer.status_code != 303:
            return
        sys.stdout.write(answer.location.rpartition("/")[2] + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    served = build_app(sys.argv[1], Path(sys.argv[2]))
    for number in range(BUYERS):
        Thread(target=buy_on, args=(served, number, sys.argv[3])).start()
