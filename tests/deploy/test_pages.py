"""Pages through the site's nginx: what the web process sees of a visitor."""

import json
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

from blueprints.catalogue.listings import LARGEST_UPLOADS
from core.web.requests import LARGEST_UPLOAD
from media.events.announcements import LARGEST_BODY
from scripts.processes import LOCAL, free_port
from tests.support.echo_web import EchoWeb
from tests.support.site import NAME, Answer, Site, check_config, read, running_site

KEY = "ab" + "0" * 62
PHOTO = f"{KEY}-480.webp"


def test_nginx_takes_the_configuration_without_a_warning(site: Site) -> None:
    said = check_config(site.folder / "nginx.conf")

    assert "test is successful" in said
    assert "[" not in said


def test_plain_http_leads_to_https(site: Site) -> None:
    answer = plain(site, "/products?q=honey")

    assert answer.status == 308
    assert answer.headers["location"] == f"https://{NAME}/products?q=honey"


def test_who_issues_certificates_is_answered_without_tls(site: Site) -> None:
    assert plain(site, "/.well-known/acme-challenge/none").status == 404


def test_pages_come_by_http_2(site: Site) -> None:
    command = site.curl("/products?q=%E8%9C%9C", "-D", "-")
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    head, _blank, body = said.replace("\r", "").partition("\n\n")

    assert head.startswith("HTTP/2 200")
    asked = json.loads(body)
    assert asked["path"] == "/products?q=%E8%9C%9C"
    assert asked["headers"]["host"] == f"{NAME}:{site.port}"
    assert asked["headers"]["x-forwarded-proto"] == "https"


def test_a_forged_address_is_only_passed_on_as_the_first(site: Site) -> None:
    asked = json.loads(site.ask("/", X_Forwarded_For="8.8.8.8").body)

    assert asked["headers"]["x-forwarded-for"] == f"8.8.8.8, {LOCAL}"


def test_connections_to_the_web_process_are_kept(echo: EchoWeb, site: Site) -> None:
    echo.connections.clear()
    for number in range(10):
        site.ask(f"/products/{number}")

    assert len(echo.connections) <= 2, "one of each worker"


@pytest.mark.parametrize("size", [LARGEST_UPLOAD, LARGEST_UPLOADS])
def test_what_the_app_takes_passes(site: Site, size: int) -> None:
    answer = post(site, size)

    assert answer.status == 200
    assert json.loads(answer.body)["length"] == size


def test_what_nothing_takes_is_refused_in_plain_words(site: Site) -> None:
    answer = post(site, LARGEST_UPLOADS + 2 * 1024 * 1024)

    assert answer.status == 413
    assert "这次传的文件太大了" in answer.body.decode()
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("name", ["news", "likes", "events", "v/take/7.m4s"])
def test_what_the_media_server_never_takes_is_not_read(site: Site, name: str) -> None:
    answer = post(site, 2 * LARGEST_BODY, f"/media/rooms/honey/{name}")

    assert answer.status == 413


def test_the_largest_news_pass(site: Site) -> None:
    """To a media server that is away here."""
    assert post(site, LARGEST_BODY, "/media/rooms/honey/news").status == 502


def test_measurements_are_not_for_visitors(site: Site) -> None:
    assert site.ask("/metrics").status == 404
    assert json.loads(site.ask("/healthz").body)["path"] == "/healthz"


def test_static_files_come_from_disk_and_stay(site: Site) -> None:
    answer = site.ask("/static/css/base.css?v=abc", Accept_Encoding="gzip")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("js/ui.js", "application/javascript; charset=utf-8"),
        ("icons.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_static_files_without_a_digest_are_kept_briefly(
    site: Site, name: str, kind: str
) -> None:
    answer = site.ask(f"/static/{name}")

    assert answer.headers["content-type"] == kind
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "path", ["/static/none.css", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_what_is_no_static_file_is_not_kept(site: Site, path: str) -> None:
    answer = site.ask(path)

    assert b"create_app" not in answer.body
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_photos_come_from_disk_or_else_from_the_web_process(site: Site) -> None:
    missing = site.ask(f"/photos/{PHOTO}")
    shelf = site.folder / "photos" / KEY[:2]
    shelf.mkdir(parents=True)
    (shelf / PHOTO).write_bytes(b"RIFF a photo")
    there = site.ask(f"/photos/{PHOTO}")

    assert json.loads(missing.body)["path"] == f"/photos/{PHOTO}"
    assert "cache-control" not in missing.headers
    assert there.body == b"RIFF a photo"
    assert there.headers["content-type"] == "image/webp"
    assert there.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_web_process_that_is_away_is_excused(tmp_path: Path) -> None:
    nobody = f"{LOCAL}:{free_port()}"
    with running_site(tmp_path, web=nobody, media=nobody) as site:
        answer = site.ask("/products")
        upload = post(site, LARGEST_UPLOADS)
        picture = site.ask("/static/img/papercut.svg")

    assert answer.status == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.headers["cache-control"] == "no-store"
    assert "正在歇口气" in answer.body.decode()
    assert upload.status == 503
    assert picture.status == 200


def test_the_log_holds_no_queries(site: Site) -> None:
    site.ask("/orders/1?token=secret-of-mine")
    log = ""
    deadline = time.monotonic() + 10
    while '"GET /orders/1" 200' not in log:
        assert time.monotonic() < deadline, log
        time.sleep(0.1)
        log = (site.folder / "access.log").read_text()

    assert "secret-of-mine" not in log


def plain(site: Site, path: str) -> Answer:
    """GET without TLS, under another name."""
    connection = HTTPConnection(LOCAL, site.plain_port, timeout=5)
    connection.request("GET", path, headers={"Host": "other.test"})
    answer = read(connection.getresponse())
    connection.close()
    return answer


def post(site: Site, size: int, path: str = "/studio/listings/new") -> Answer:
    """Send a form of so many bytes."""
    connection = site.connect()
    connection.request("POST", path, b"x" * size, {"Host": NAME})
    answer = read(connection.getresponse())
    connection.close()
    return answer
