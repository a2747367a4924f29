"""The site's own nginx, as deploy/nginx.conf has it, before a web process and media."""

import ipaddress
import os
import pwd
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.clock import now
from scripts.fill import fill
from scripts.processes import LOCAL, Child, free_port, listens, start, stop_all
from tests.support.media_server import ROOT

CONFIG = ROOT / "deploy" / "nginx.conf"
NAME = "shop.test"
START_LIMIT_S = 10
PATIENCE_S = 15.0


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Site:
    """An nginx that answers on `port` with TLS and on `plain_port` without."""

    port: int
    plain_port: int
    folder: Path
    child: Child

    @property
    def url(self) -> str:
        """Its address, as `curl` below reaches it."""
        return f"https://{NAME}:{self.port}"

    @property
    def certificate(self) -> Path:
        """What to trust."""
        return self.folder / "certificate.pem"

    @property
    def workers(self) -> int:
        """How many processes of nginx answer."""
        tasks = Path(f"/proc/{self.child.process.pid}/task")
        children = (next(tasks.iterdir()) / "children").read_text().split()
        commands = [Path(f"/proc/{pid}/cmdline").read_text() for pid in children]
        return sum("worker process" in command for command in commands)

    def curl(self, path: str, *arguments: str) -> list[str]:
        """The command that asks for a path by HTTP/2."""
        resolve = f"{NAME}:{self.port}:{LOCAL}"
        known = ["--cacert", str(self.certificate), "--resolve", resolve]
        return ["curl", "-sS", "--http2", *known, *arguments, f"{self.url}{path}"]

    def connect(self) -> HTTPSConnection:
        """A connection by HTTP/1.1."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        return HTTPSConnection(LOCAL, self.port, timeout=PATIENCE_S, context=context)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """One request by HTTP/1.1; headers' names with _ for -."""
        connection = self.connect()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": NAME, **sent})
        answer = read(connection.getresponse())
        connection.close()
        return answer


def read(response: HTTPResponse) -> Answer:
    """All of an answer."""
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def nginx_program() -> str:
    """Where nginx is; /usr/sbin is not in everybody's path."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise RuntimeError("no nginx here: make test installs it")
    return found


@contextmanager
def running_site(
    folder: Path, *, web: str, media: str, instance: Path | None = None
) -> Iterator[Site]:
    """nginx before a web process and a media server, each as HOST:PORT.

    instance: where photos/ is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, plain_port = free_port(), free_port()
    _certify(folder)
    values = {
        "NAME": NAME,
        "HTTP": f"{LOCAL}:{plain_port}",
        "HTTPS": f"{LOCAL}:{port}",
        "CERTIFICATE": str(folder / "certificate.pem"),
        "KEY": str(folder / "key.pem"),
        "MODULES": "/usr/lib/nginx/modules",
        "ROOT": str(ROOT),
        "INSTANCE": str(instance or folder),
        "WEB": web,
        "MEDIA": media,
        "USER": pwd.getpwuid(os.getuid()).pw_name,
        "FOLDER": str(folder),
        "LOGS": str(folder),
    }
    config = folder / "nginx.conf"
    config.write_text(fill(CONFIG.read_text(), values))
    child = start(
        "nginx", command(config), env={}, cwd=folder, log=folder / "nginx.log"
    )
    try:
        _wait_until_it_listens(child, port)
        yield Site(port, plain_port, folder, child)
    finally:
        stop_all([child], patience_s=2)


def command(config: Path, *arguments: str) -> list[str]:
    """nginx in the foreground, leaving the machine's own nginx alone."""
    own = f"daemon off; pid {config.parent / 'nginx.pid'};"
    paths = ["-c", str(config), "-p", str(config.parent), "-e", "stderr"]
    return [nginx_program(), *paths, "-g", own, *arguments]


def check_config(config: Path) -> str:
    """What `nginx -t` says of a configuration; raises when it refuses."""
    done = subprocess.run(
        command(config, "-t"), check=True, capture_output=True, text=True
    )
    return done.stderr


def _wait_until_it_listens(child: Child, port: int) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not listens(port):
        if child.has_ended or time.monotonic() > deadline:
            raise RuntimeError(child.last_lines())
        time.sleep(0.02)


def _certify(folder: Path) -> None:
    """A certificate for a day that nobody else trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    reached_by = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(LOCAL))]
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(hours=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(reached_by), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
