"""How much a request may carry."""

from flask import Flask, request

LARGEST_UPLOAD = 16 * 1024 * 1024
LARGEST_TEXT = 2 * 1024 * 1024
LARGEST_PLAIN_FORM = 256 * 1024


def init_bodies(app: Flask) -> None:
    """Bound what is read into memory; more is answered with 413.

    Werkzeug bounds the texts and the number of parts of a multipart form. A plain
    form it reads whole and cuts into as many fields as there are, hundreds of bytes
    each.
    """
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD, MAX_FORM_MEMORY_SIZE=LARGEST_TEXT
    )

    @app.before_request
    def bound_plain_forms() -> None:
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = LARGEST_PLAIN_FORM
