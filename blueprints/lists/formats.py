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


MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


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


def table_file(kind: Format, document: Document, name: str) -> ResponseReturnValue:
    """A CSV file or a workbook."""
    if kind is Format.CSV:
        return _file(kind, write_csv(document), name)
    from integrations.exports.xlsx_file import write_xlsx

    return _file(kind, write_xlsx(document), name)


def paper_file(html: str, name: str) -> ResponseReturnValue:
    """A print template's HTML as a PDF."""
    from integrations.exports.pdf_file import write_pdf

    folder = Path(str(current_app.static_folder))
    return _file(Format.PDF, write_pdf(html, folder), name)


def _file(kind: Format, body: bytes, name: str) -> ResponseReturnValue:
    return send_file(
        BytesIO(body),
        mimetype=MEDIA_TYPES[kind],
        as_attachment=True,
        download_name=f"{name}.{kind}",
        max_age=0,
    )
