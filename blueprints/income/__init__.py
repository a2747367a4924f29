"""The cooperative's income: the report, what is behind it, and its books."""

from flask import Blueprint

bp = Blueprint("income", __name__, url_prefix="/coop/income")

from blueprints.income import books, orders, report  # noqa: E402

__all__ = ["books", "bp", "orders", "report"]
