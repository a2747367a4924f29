"""The listing form as a browser fills it in."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.factories import Place

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def filled(place: Place, **changes: Any) -> dict[str, Any]:
    """A finished listing with one box and one delivery; None leaves a field out."""
    fields = {
        "request_id": "request-of-a-form",
        "version": "1",
        "name": "苗山大姜",
        "category": "ginger",
        "story": "地窖里存到开春也不糠。\r\n炖汤出味。",
        "village_id": str(place.village_id),
        "cooperative_id": str(place.cooperative_id),
        "boxes-0-name": "5 斤装",
        "boxes-0-weight": "5",
        "boxes-0-price": "32.9",
        "boxes-0-stock": "386",
        "boxes-0-on_sale": "y",
        "harvested_on": "2026-03-01",
        "plot": "南坡",
        "deliveries-0-farmer_id": str(place.farmer_ids[0]),
        "deliveries-0-weight": "612",
        "act": "save",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def send(client: FlaskClient, address: str, fields: dict[str, Any]) -> TestResponse:
    """Post a form that may carry files."""
    return client.post(address, data=fields, content_type="multipart/form-data")


def carried(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page's listing form, as the browser would send them."""
    form = page.text.partition('enctype="multipart/form-data"')[2]
    return dict(HIDDEN.findall(form))
