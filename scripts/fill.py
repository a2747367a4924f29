"""`python -m scripts.fill FILE VALUES [NAME=value ...]`: a file of deploy/ for here.

VALUES holds lines of NAME=value; those on the command line win. Every @NAME@ of the
file must be among them.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

PLACE = re.compile(r"@([A-Z]+)@")


class Unknown(Exception):
    """A name in the file that has no value; its text is that name."""


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every @NAME@ replaced. Raises Unknown."""

    def value(place: re.Match[str]) -> str:
        if place[1] not in values:
            raise Unknown(place[1])
        return values[place[1]]

    return PLACE.sub(value, text)


def read_values(text: str) -> dict[str, str]:
    """The values in lines of NAME=value; empty lines and comments are skipped."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition("=") for line in lines if line and line[0] != "#"]
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def main() -> int:
    """Print the file; 1 with the name that has no value, 2 for a wrong call."""
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    text, kept = (Path(name).read_text() for name in sys.argv[1:3])
    values = read_values("\n".join([kept, *sys.argv[3:]]))
    try:
        print(fill(text, values), end="")
    except Unknown as unknown:
        print(f"{sys.argv[2]} gives no {unknown}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
