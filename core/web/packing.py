"""Bodies that many ask for, compressed once for each encoding that a browser takes."""

import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli
import zstandard

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    # A compressor of its own each time: zstandard's must not be shared by threads.
    "zstd": lambda body: zstandard.ZstdCompressor(level=9).compress(body),
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""The first that a browser takes is sent."""


class Packed:
    """A body and what each encoding makes of it, made when it is first asked for."""

    def __init__(self, plain: bytes) -> None:
        self._bodies = {"": plain}

    def body(self, encoding: str) -> bytes:
        """The body as `encoding` has it; "" is plain."""
        found = self._bodies.get(encoding)
        if found is None:
            packed = ENCODERS[encoding](self._bodies[""])
            found = self._bodies[encoding] = packed
        return found

    @property
    def size(self) -> int:
        """Bytes held, as if every encoding had been asked for."""
        return 2 * len(self._bodies[""])


@lru_cache(maxsize=256)
def pick_encoding(accepted: str) -> str:
    """The encoding to send; a browser that weighs them against zero gets plain."""
    if "q=0" in accepted.replace(" ", "").replace("q=0.", ""):
        return ""
    names = {part.split(";")[0].strip() for part in accepted.split(",")}
    return next((name for name in ENCODERS if name in names), "")
