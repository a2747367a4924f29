"""Templates: they parse, their Chinese can be translated, their links exist."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from jinja2 import TemplateSyntaxError, nodes

from scripts.source import ROOT, our_files, say

CHINESE = re.compile(r"[\u4e00-\u9fff\uff01-\uff5e\u3001-\u3011]+")
# A language is named in itself.
LANGUAGE_NAMES = {"中文"}
# Shown when nothing else works, translation included.
STATIC_TEXT = {"templates/errors/plain.html"}


def main() -> int:
    """Check every template; 1 when one is broken."""
    with TemporaryDirectory() as instance:
        os.environ.update(TIANBO_DEMO="1", INSTANCE_PATH=instance)
        from app import create_app

        app = create_app({"TESTING": True})
        names = our_files("templates/*.html", "templates/*.txt")
        return say([line for name in names for line in _problems(app, name)])


def _problems(app: Flask, name: str) -> Iterator[str]:
    text = Path(ROOT, name).read_text()
    try:
        tree = app.jinja_env.parse(text, name)
    except TemplateSyntaxError as error:
        yield f"{name}:{error.lineno} {error.message}"
        return
    if name not in STATIC_TEXT:
        yield from _untranslated(app, name, text)
    for call in tree.find_all(nodes.Call):
        yield from _dead_link(app, name, call)


def _untranslated(app: Flask, name: str, text: str) -> Iterator[str]:
    in_trans = False
    previous = ""
    for line, kind, value in app.jinja_env.lex(text, name):
        if kind == "name" and previous == "block_begin":
            in_trans = value == "trans" or (in_trans and value != "endtrans")
        if kind == "data" and not in_trans and (found := _chinese(value)):
            yield f"{name}:{line} not in _(): {found}"
        if kind != "whitespace":
            previous = kind


def _chinese(text: str) -> str:
    return "".join(set(CHINESE.findall(text)) - LANGUAGE_NAMES)


def _dead_link(app: Flask, name: str, call: nodes.Call) -> Iterator[str]:
    if not (isinstance(call.node, nodes.Name) and call.node.name == "url_for"):
        return
    if call.args and isinstance(call.args[0], nodes.Const):
        endpoint = call.args[0].value
        if endpoint not in app.view_functions:
            yield f"{name}:{call.lineno} no page is called {endpoint}"


if __name__ == "__main__":
    sys.exit(main())
