"""One API request, authenticated and checked."""

from dataclasses import dataclass
from typing import Any

from sandbox.account import Account


@dataclass(frozen=True)
class Call:
    """What an operation works on.

    params: checked and typed, `expand` left out; target: the id in the URL, if any.
    path: the request's path, such as `/v1/refunds`.
    """

    account: Account
    params: dict[str, Any]
    target: str
    path: str
