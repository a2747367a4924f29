"""Reports as files: one document of tables, written as CSV, XLSX or PDF."""

from integrations.exports.csv_file import write_csv
from integrations.exports.document import Cell, Column, ColumnKind, Document, Table
from integrations.exports.pdf_file import write_pdf
from integrations.exports.xlsx_file import write_xlsx

__all__ = [
    "Cell",
    "Column",
    "ColumnKind",
    "Document",
    "Table",
    "write_csv",
    "write_pdf",
    "write_xlsx",
]
