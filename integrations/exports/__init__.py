"""Reports as files: one document of tables, written as CSV, XLSX or PDF.

The writers of XLSX and PDF stand behind modules of their own, `xlsx_file` and
`pdf_file`: their libraries take a second and 60 MB that most processes never need.
"""

from integrations.exports.csv_file import write_csv
from integrations.exports.document import Cell, Column, ColumnKind, Document, Table

__all__ = [
    "Cell",
    "Column",
    "ColumnKind",
    "Document",
    "Table",
    "write_csv",
]
