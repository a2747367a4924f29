"""Templates stay compiled from one start to the next.

The first page of a process took 140 ms, two thirds of them to compile what it is made
of. What is kept is named by the template's text and Python's version: never stale.
"""

from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


def init_compiled(app: Flask, folder: Path) -> None:
    """Keep them in `folder`, which nobody else may write: they are code."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(str(folder))


class CompiledTemplates(FileSystemBytecodeCache):
    """A page is shown as well when nothing can be kept or read, as on a full disk."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read what an earlier start compiled; what is broken is compiled anew."""
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, UnpicklingError):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write what was compiled, if that can be."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
