"""The formats that every report answers in beside its page."""

from enum import StrEnum
from pathlib import Path
from typing import IO

from flask import current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from blueprints.forms import Form
from core.errors import N_, Invalid
from integrations.exports.csv_file import write_csv
from integrations.exports.document import Document
from integrations.exports.pdf_process import print_pdf


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


def write_table(kind: Format, document: Document, file: IO[bytes]) -> None:
    """Write a CSV file or a workbook."""
    if kind is Format.CSV:
        write_csv(document, file)
        return
    from integrations.exports.xlsx_file import write_xlsx

    write_xlsx(document, file)


def write_paper(html: str, file: IO[bytes]) -> None:
    """Write a print template's HTML as a PDF. Raises TooLargeToPrint."""
    print_pdf(html, Path(str(current_app.static_folder)), file)


def sent(kind: Format, file: IO[bytes], name: str) -> ResponseReturnValue:
    """A file that was written, from its beginning; `name` without its ending."""
    file.seek(0)
    return send_file(
        file,
        mimetype=MEDIA_TYPES[kind],
        as_attachment=True,
        download_name=f"{name}.{kind}",
        max_age=0,
    )
