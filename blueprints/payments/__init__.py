"""The payment provider's two ways back: its webhooks, and the buyer returning."""

from blueprints.payments.routes import bp

__all__ = ["bp"]
