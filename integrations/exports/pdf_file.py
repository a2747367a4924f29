"""HTML as an A4 document; it may use our own static files and nothing else.

Run as a program it reads HTML and writes the PDF, within limits: see pdf_process.py.
"""

import resource
import signal
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.processes import die_with_parent

PAGE_URL = "https://tianbo.invalid/"
STATIC_PATH = "/static/"
OUT_OF_MEMORY = 3
"""The program's exit code when it had no more memory to take."""


def write_pdf(html: str, static_folder: Path) -> bytes:
    """The PDF of a page whose addresses all start with /static/.

    Nothing is fetched over the network: an address outside `static_folder` is left
    out, as the browser would leave out a missing picture.
    """
    page = HTML(string=html, base_url=PAGE_URL, url_fetcher=StaticFiles(static_folder))
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1"))


class StaticFiles(URLFetcher):  # type: ignore[misc] # untyped base
    """Answers addresses under /static/ from one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=())
        self.folder = folder.resolve()

    def fetch(
        self, url: str, headers: dict[str, str] | None = None
    ) -> URLFetcherResponse:
        """The file of `url`; raises ValueError for any other address."""
        parts = urlsplit(url)
        path = unquote(parts.path)
        file = (self.folder / path.removeprefix(STATIC_PATH)).resolve()
        is_ours = url.startswith(PAGE_URL) and path.startswith(STATIC_PATH)
        if not is_ours or not file.is_relative_to(self.folder):
            raise ValueError(f"not a static file: {url}")
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": _type(file)})


def _type(file: Path) -> str:
    kinds = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    return kinds.get(file.suffix, "application/octet-stream")


def main(static_folder: str, memory: str, seconds: str) -> int:
    """Print standard input to standard output.

    memory: bytes of its own that it may take; seconds: of processor time.
    """
    die_with_parent(signal.SIGKILL)
    limits = {
        resource.RLIMIT_DATA: int(memory),
        resource.RLIMIT_CPU: int(seconds),
        resource.RLIMIT_CORE: 0,
    }
    for what, limit in limits.items():
        resource.setrlimit(what, (limit, limit))
    try:
        pdf = write_pdf(sys.stdin.buffer.read().decode(), Path(static_folder))
    except (MemoryError, SystemError):  # the second is how some libraries say it
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
