"""The RTMP server's configuration: filled in whole, and nginx takes it."""

import subprocess
from pathlib import Path

from scripts.rtmp_server import rtmp_server


def test_nginx_takes_what_is_written(tmp_path: Path) -> None:
    server = rtmp_server(tmp_path, 19_935, 18_004, 18_003)

    assert server is not None
    assert "@" not in (tmp_path / "nginx.conf").read_text().split("load_module")[1]
    subprocess.run([*server.command, "-t"], check=True, capture_output=True)
    assert server.url == "rtmp://127.0.0.1:19935/live"
