"""The files of this project, as git knows them: tracked, or new and not ignored."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = ("static/vendor/", "sandbox/openapi.json")


def our_files(*patterns: str) -> list[str]:
    """Paths from the root, in order, that match `patterns` (all when none)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [
        name
        for name in names
        if not name.startswith(NOT_OURS) and (ROOT / name).is_file()
    ]


def say(problems: list[str]) -> int:
    """Print one problem a line; the exit code that goes with them."""
    for problem in problems:
        print(problem)
    return 1 if problems else 0
