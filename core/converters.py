"""URL parts that cannot surprise the database."""

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, UnicodeConverter, ValidationError

LARGEST_ID = 2**63 - 1
LONGEST_NAME = 200


class IdConverter(BaseConverter):
    """A positive id in ASCII digits, small enough for every engine."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 0 < number <= LARGEST_ID:
            raise ValidationError()
        return number


class NameConverter(UnicodeConverter):
    """A slug, code or number without control characters: PostgreSQL refuses NUL."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.regex = rf"[^/\x00-\x1f\x7f]{{1,{LONGEST_NAME}}}"


def init_converters(app: Flask) -> None:
    """Make `<id:…>` known to routes, and what `<…>` alone means."""
    app.url_map.converters.update(id=IdConverter, default=NameConverter)
