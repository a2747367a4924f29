"""What only PostgreSQL needs."""

from decimal import Decimal

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader


class WholeNumbers(Loader):
    """SUM over bigint is numeric: read it as the int that it is.

    No column holds decimals; a Decimal would break `:d` in formats.
    """

    def load(self, data: Buffer) -> int | Decimal:
        """Turn the server's text into a number."""
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else Decimal(text)


def set_up(connection: Connection) -> None:
    """Give a new connection the behaviour every part relies on; not yet kept."""
    connection.adapters.register_loader("numeric", WholeNumbers)
    connection.execute("SET TIME ZONE 'UTC'")
    connection.execute("SET lock_timeout = '10s'")
    connection.execute("SET idle_in_transaction_session_timeout = '60s'")
