"""The shop as it is deployed: the units' own commands behind the site's nginx."""

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from scripts.processes import LOCAL, free_port, start, stop_all
from tests.support.databases import NEUTRAL, SECRET, copy_sqlite
from tests.support.media_server import ROOT
from tests.support.site import Answer, Site, running_site
from tests.support.units import unit

START_LIMIT_S = 20


@pytest.fixture(scope="module")
def house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Web, worker and media as systemd starts them, and nginx before them."""
    folder = tmp_path_factory.mktemp("house")
    web, media = free_port(), free_port()
    places = {"web": f"{LOCAL}:{web}", "media": f"{LOCAL}:{media}"}
    with ExitStack() as stack:
        front = running_site(folder / "nginx", instance=folder, **places)
        site = stack.enter_context(front)
        env = {
            **os.environ,
            **NEUTRAL,
            "DATABASE_URL": copy_sqlite(sqlite_template, folder / "tianbo.db"),
            "INSTANCE_PATH": str(folder),
            "MEDIA_INTERNAL_URL": f"http://{LOCAL}:{media}",
            "MEDIA_URL": f"{site.url}/media",
            "PUBLIC_URL": site.url,
            "SECRET_KEY": SECRET,
            "TRUSTED_PROXIES": "1",
            "WEB_INTERNAL_URL": f"http://{LOCAL}:{web}",
        }
        for name, port in {"web": web, "media": media, "worker": 0}.items():
            command = unit(name).command(**({"port": str(port)} if port else {}))
            log = folder / f"{name}.log"
            child = start(name, command, env=env, cwd=ROOT, log=log)
            stack.callback(stop_all, [child])
        wait_until(lambda: ask(site, "/healthz").status == 200)
        wait_until(lambda: ask(site, "/media/healthz").status == 200)
        yield site


def test_a_page_carries_each_of_its_headers_once(house: Site) -> None:
    connection = house.connect()
    connection.request("GET", "/", headers=host(house) | {"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    names = Counter(name.lower() for name, _value in response.getheaders())
    encoding = response.getheader("Content-Encoding")
    policy = response.getheader("Content-Security-Policy") or ""
    response.read()
    connection.close()

    assert (response.status, encoding) == (200, "gzip")
    assert f"connect-src 'self' {house.url} wss://" in policy
    for name in (
        "cache-control",
        "content-security-policy",
        "cross-origin-resource-policy",
        "strict-transport-security",
        "x-content-type-options",
    ):
        assert names[name] == 1, name


def test_what_a_page_names_is_served_for_good(house: Site) -> None:
    page = ask(house, "/").body.decode()
    styles = re.findall(r'(?:href|src)="(/(?:bundles|static)/[^"#]+\?v=[^"#]+)', page)

    assert styles
    for address in styles:
        answer = ask(house, address)
        assert answer.status == 200
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("origin", "is_taken"),
    [("https://{host}", True), ("http://{host}", False), ("https://evil.test", False)],
)
def test_only_a_form_of_this_site_is_taken(
    house: Site, origin: str, is_taken: bool
) -> None:
    """The app knows its own name, port and scheme by what nginx passes on."""
    form = urlencode({"phone": "13900000000", "password": "wrong"})
    connection = house.connect()
    sent = host(house) | {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": origin.format(host=host(house)["Host"]),
    }
    connection.request("POST", "/account/login", form, sent)
    answer = connection.getresponse().status
    connection.close()

    assert answer == (422 if is_taken else 403)


def test_another_name_is_not_ours(house: Site) -> None:
    assert house.ask("/", Host="evil.test").status == 400


def test_the_house_is_ready_and_says_so_to_this_machine(house: Site) -> None:
    wait_until(lambda: ask(house, "/readyz").status == 200)


def ask(house: Site, path: str) -> Answer:
    """GET under the site's own name."""
    return house.ask(path, **host(house))


def host(house: Site) -> dict[str, str]:
    """The name and port that browsers send."""
    return {"Host": house.url.removeprefix("https://")}


def wait_until(is_so: Callable[[], bool]) -> None:
    """Give a process the time to start."""
    deadline = time.monotonic() + START_LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
