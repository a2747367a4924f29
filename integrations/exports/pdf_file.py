"""HTML as an A4 document; it may use our own static files and nothing else."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

PAGE_URL = "https://tianbo.invalid/"
STATIC_PATH = "/static/"


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
