"""Who buys: an account, a browser without one, or both."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Buyer:
    """The ids by which a cart and orders are found; at least one is given.

    account_id: the logged-in person. visitor_id: the browser, whose orders from
    before the login stay open to it.
    """

    account_id: int | None = None
    visitor_id: int | None = None

    def __post_init__(self) -> None:
        if self.account_id is None and self.visitor_id is None:
            raise ValueError("a buyer has an account or a browser")
