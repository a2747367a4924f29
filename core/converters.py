"""URL parts that cannot surprise the database."""

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

LARGEST_ID = 2**63 - 1


class IdConverter(BaseConverter):
    """A positive id in ASCII digits, small enough for every engine."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 0 < number <= LARGEST_ID:
            raise ValidationError()
        return number


def init_converters(app: Flask) -> None:
    """Make `<id:…>` known to routes."""
    app.url_map.converters["id"] = IdConverter
