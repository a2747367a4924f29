"""House rules about Python files: sizes, docstrings, who may commit."""

import ast
import sys
from collections.abc import Iterator

from scripts.source import ROOT, our_files, say

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
COMMITS = "core/database.py"
OPENS = "services/payments/gateway_calls.py"
"""The one service that opens transactions: decisions/0013."""
WITHIN_ONE = ("integrations/", "models/", "queries/", "services/")
DATABASE_FOLDERS = (
    "blueprints/",
    "commands/",
    "core/",
    "integrations/",
    "models/",
    "queries/",
    "services/",
)
DOCUMENTED = ("domain/", "services/", "queries/")
UNMEASURED = ("migrations/", "tests/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> int:
    """Check every Python file; 1 when a rule is broken."""
    return say([line for name in our_files("*.py") for line in _problems(name)])


def _problems(name: str) -> Iterator[str]:
    text = (ROOT / name).read_text()
    tree = ast.parse(text, name)
    if not name.startswith(UNMEASURED):
        yield from _too_long(name, text, tree)
    if name.startswith(DOCUMENTED):
        yield from _undocumented(name, tree)
    if name.startswith(DATABASE_FOLDERS) and name != COMMITS:
        yield from _commits(name, tree)
    if name.startswith(WITHIN_ONE) and name != OPENS:
        yield from _opens(name, tree)


def _too_long(name: str, text: str, tree: ast.Module) -> Iterator[str]:
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{name}: {lines} lines; make it a folder of the same name"
    for function in _functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            yield f"{name}:{function.lineno} {function.name}: {length} lines long"


def _undocumented(name: str, tree: ast.Module) -> Iterator[str]:
    for node in _public(tree.body):
        if not ast.get_docstring(node):
            yield f"{name}:{node.lineno} {node.name}: no docstring"


def _public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _commits(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield f"{name}:{node.lineno} commit stands only in {COMMITS}"


def _opens(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.module != "core.database":
            continue
        if any(alias.name == "transaction" for alias in node.names):
            yield f"{name}:{node.lineno} transactions are opened by its callers"


def _functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


if __name__ == "__main__":
    sys.exit(main())
