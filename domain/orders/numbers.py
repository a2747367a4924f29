"""Order numbers."""

from datetime import date

from core.errors import N_, NotFound
from domain.codes import CodeKind

ORDER_NUMBERS = CodeKind("TB", serial_characters=5)


class UnknownOrderNumber(NotFound):
    """No order number, or a mistyped one."""

    code = "unknown_order_number"
    message = N_("没有这个订单号，请核对后再输一次。")


def order_number(day: date, serial: int) -> str:
    """A number such as "TB-260311-0003VX"; serial below ORDER_NUMBERS.serials."""
    return ORDER_NUMBERS.make(day, serial)


def parse_order_number(text: str) -> str:
    """The canonical order number in `text`. Raises UnknownOrderNumber."""
    number = ORDER_NUMBERS.find(text)
    if number is None:
        raise UnknownOrderNumber
    return number
