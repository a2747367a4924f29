"""Training: one's own portfolio, the members in reach, records and certificates."""

from flask import Blueprint

bp = Blueprint("training", __name__, url_prefix="/training")

from blueprints.training import certificates, portfolios, records  # noqa: E402

__all__ = ["bp", "certificates", "portfolios", "records"]
