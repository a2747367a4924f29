"""PDFs are laid out in a process of their own, which may take so much and no more.

Laying out takes about 0.35 MB and 15 ms a row, and what it took a process hardly gives
back: with four at once, a web process had grown to 1.2 GB (decisions/0019).
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from core.errors import N_, Invalid

ROOT = Path(__file__).resolve().parents[2]
OUT_OF_MEMORY = 3
TAKEN_ALONG = ("HOME", "LANG", "LC_ALL", "PATH", "XDG_CACHE_HOME")
"""The rest of the environment holds keys, which a program that draws needs none of."""


class TooLargeToPrint(Invalid):
    """The process ran into its limits."""

    code = "too_large_to_print"
    message = N_(
        "内容太多，PDF 排不下来。请把期间选短些，或者加上别的条件，再要一次；"
        "要全部的行，请下载 Excel 表格。"
    )


@dataclass(frozen=True)
class Limits:
    """memory: bytes of its own, without fonts and libraries that others share too."""

    memory: int = 640 * 1024 * 1024
    seconds: int = 60


LIMITS = Limits()
WAITING_S = 15
"""Of a process that gets no processor on a busy machine."""
OVER_LIMIT = (
    OUT_OF_MEMORY,
    -signal.SIGXCPU,
    -signal.SIGKILL,
    # Libraries in C end a process that can get no more memory.
    -signal.SIGABRT,
    -signal.SIGSEGV,
    -signal.SIGTRAP,
)


def print_pdf(
    html: str, static_folder: Path, file: IO[bytes], limits: Limits = LIMITS
) -> None:
    """Write the PDF of a page to `file`. Raises TooLargeToPrint."""
    module = "integrations.exports.pdf_file"
    numbers = (str(limits.memory), str(limits.seconds))
    try:
        done = subprocess.run(  # noqa: S603 - our own module, words of our own
            [sys.executable, "-m", module, str(static_folder), *numbers],
            check=False,
            cwd=ROOT,
            env={name: os.environ[name] for name in TAKEN_ALONG if name in os.environ},
            input=html.encode(),
            capture_output=True,
            timeout=limits.seconds + WAITING_S,
        )
    except subprocess.TimeoutExpired:
        raise TooLargeToPrint from None
    if done.returncode in OVER_LIMIT:
        raise TooLargeToPrint
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise RuntimeError(f"no PDF (exit {done.returncode}): {last}")
    file.write(done.stdout)
