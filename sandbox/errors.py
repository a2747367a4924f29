"""Errors as Stripe words them (https://docs.stripe.com/api/errors)."""

from typing import Any


class StripeError(Exception):
    """A refusal that becomes an HTTP status and Stripe's error body."""

    saved = True

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        **details: Any,
    ) -> None:
        """Describe the refusal.

        status: HTTP status; kind: Stripe's error `type`.
        details: `code`, `param`, `decline_code` and so on; None leaves one out.
        """
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.details = {key: v for key, v in details.items() if v is not None}

    def body(self) -> dict[str, Any]:
        """The JSON body: `{"error": {"type", "message", …}}`."""
        return {"error": {"type": self.kind, "message": str(self), **self.details}}


class InvalidParameter(StripeError):
    """A parameter refused before the work began, so no idempotency key keeps it."""

    saved = False

    def __init__(self, message: str, *, param: str, code: str | None = None) -> None:
        """param: in Stripe's bracket notation, such as `line_items[0][quantity]`."""
        super().__init__(400, message, param=param, code=code)


def missing_parameter(param: str) -> InvalidParameter:
    """`param` is required and absent."""
    message = f"Missing required param: {param}."
    return InvalidParameter(message, param=param, code="parameter_missing")


def not_implemented(param: str) -> InvalidParameter:
    """`param` is Stripe's, but the sandbox would have to ignore it."""
    message = f"The local sandbox does not implement the parameter {param}."
    return InvalidParameter(message, param=param, code="sandbox_not_implemented")


def no_such(kind: str, object_id: str, *, param: str) -> StripeError:
    """There is no object `kind` with this id in the caller's account."""
    message = f"No such {kind}: '{object_id}'"
    return StripeError(404, message, code="resource_missing", param=param)
