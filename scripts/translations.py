"""Chinese is the source text; this keeps translations/en complete beside it.

python -m scripts.translations update | compile | check
"""

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None, "N_": None}
HEADER = b"""msgid ""
msgstr ""
"Language: en\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")


def main(arguments: list[str]) -> int:
    """Do what the one argument says; returns the exit code."""
    actions = {"update": update, "compile": compile_catalogue, "check": check}
    if len(arguments) != 1 or arguments[0] not in actions:
        print(__doc__, file=sys.stderr)
        return 2
    return actions[arguments[0]]()


def update() -> int:
    """Add new sentences to the English catalogue and drop those no longer said."""
    english = read_english()
    english.update(_source(), no_fuzzy_matching=True)
    english.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        file.write(HEADER)
        write_po(file, english, width=80, omit_header=True, sort_output=True)
    missing = [message for message in english if message.id and not _said(message)]
    print(f"{PO.relative_to(ROOT)}: {len(english)} sentences, {len(missing)} to write")
    return 0


def compile_catalogue() -> int:
    """Write the binary catalogue that Flask-Babel reads, when it is out of date."""
    mo = PO.with_suffix(".mo")
    if not PO.exists():
        return 0
    if not mo.exists() or mo.stat().st_mtime < PO.stat().st_mtime:
        fresh = mo.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as file:
            write_mo(file, read_english())
        fresh.replace(mo)
    return 0


def check() -> int:
    """Say every sentence that English lacks, has too much, or says differently."""
    source = _source()
    english = read_english()
    problems = [
        f"{message.id!r}: {problem}"
        for message in source
        if message.id and (problem := _problem(message, english))
    ]
    wanted = {message.id for message in source}
    problems += [
        f"{message.id!r}: no longer said"
        for message in english
        if message.id and message.id not in wanted
    ]
    for problem in problems:
        print(f"translations/en: {problem}")
    if problems:
        print("`make translations` collects sentences; then write the English.")
    return 1 if problems else 0


def _problem(source: Message, english: Catalog) -> str | None:
    message = english.get(source.id, source.context)
    if message is None or not _said(message):
        return "not in English yet"
    if message.fuzzy:
        return "marked fuzzy"
    if _placeholders(source.id) != _placeholders(message.string):
        return "other %(placeholders)s than the Chinese"
    return None


def _said(message: Message) -> bool:
    parts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(parts)


def _placeholders(text: str | Sequence[str] | None) -> set[str]:
    parts = (text,) if isinstance(text, str) else text or ()
    return {name for part in parts for name in PLACEHOLDER.findall(part) if name}


def read_english() -> Catalog:
    """The English catalogue; an empty one where there is none yet."""
    if not PO.exists():
        return Catalog(locale="en")
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def source_sentences() -> frozenset[str]:
    """Every Chinese sentence that the house says."""
    ids = (message.id for message in _source() if message.id)
    return frozenset(one if isinstance(one, str) else one[0] for one in ids)


def _source() -> Catalog:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    catalog = Catalog()
    for _file, _line, sentence, _comments, context in extract_from_dir(
        ROOT, methods, options, KEYWORDS, directory_filter=_is_ours
    ):
        catalog.add(sentence, context=context)
    return catalog


def _is_ours(directory: str | Path) -> bool:
    name = Path(directory).name
    return not name.startswith(".") and name not in {"instance", "static", "tests"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
