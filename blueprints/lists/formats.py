"""The formats that every report answers in beside its page."""

from enum import StrEnum
from io import BytesIO
from pathlib import Path

from flask import current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from blueprints.forms import Form
from core.errors import N_, Invalid
from integrations.exports.csv_file import write_csv
from integrations.exports.document import Document

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class UnknownFormat(Invalid):
    """A report was asked for in a format that there is not."""

    code = "unknown_format"
    message = N_("没有这种格式。可以选网页、json、csv、xlsx 或 pdf。")


class Format(StrEnum):
    """How a report is answered."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


def wanted_format() -> Format:
    """The format the address asks for. Raises UnknownFormat."""
    wanted = request.args.get("format") or Format.HTML
    try:
        return Format(wanted.lower())
    except ValueError as error:
        raise UnknownFormat from error


def refused_json(form: Form) -> ResponseReturnValue:
    """A filter that cannot be read, for programs: what is wrong, by field."""
    wrong = {field.name: str(field.errors[0]) for field in form if field.errors}
    body = {"error": "invalid", "message": " ".join(wrong.values()), "fields": wrong}
    return jsonify(body), 422


def csv_answer(document: Document, name: str) -> ResponseReturnValue:
    """A CSV file called `name`.csv."""
    return _file(write_csv(document), name, "csv")


def xlsx_answer(document: Document, name: str) -> ResponseReturnValue:
    """A workbook called `name`.xlsx."""
    from integrations.exports.xlsx_file import write_xlsx

    return _file(write_xlsx(document), name, "xlsx")


def pdf_answer(html: str, name: str) -> ResponseReturnValue:
    """A print template's HTML as a document called `name`.pdf."""
    from integrations.exports.pdf_file import write_pdf

    folder = Path(str(current_app.static_folder))
    return _file(write_pdf(html, folder), name, "pdf")


def _file(body: bytes, name: str, ending: str) -> ResponseReturnValue:
    return send_file(
        BytesIO(body),
        mimetype=MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=f"{name}.{ending}",
        max_age=0,
    )
