"""A house that is worth a backup."""

from datetime import date
from pathlib import Path

from flask import Flask

from core.database import transaction
from tests.support.opening import open_books

PHOTO = f"{'a' * 64}-480.webp"


def furnish(app: Flask) -> Path:
    """Give a house an order in its books, and a photo; returns its photo folder."""
    with app.app_context(), transaction():
        open_books().sell([("蜜薯", 4)], on=date(2026, 3, 10), fee_fen=619)
    photos = Path(app.config["TIANBO"].instance) / "photos"
    (photos / "aa").mkdir(parents=True)
    (photos / "aa" / PHOTO).write_bytes(b"a photo")
    return photos
