"""nginx with its RTMP module, where the machine has it, for encoders such as OBS."""

import shutil
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent.parent / "deploy" / "rtmp.conf"
MODULES = (
    Path("/usr/lib/nginx/modules/ngx_rtmp_module.so"),
    Path("/usr/share/nginx/modules/ngx_rtmp_module.so"),
)


@dataclass(frozen=True)
class RtmpServer:
    """Where it listens on this machine, and how it is started."""

    port: int
    command: list[str]

    @property
    def url(self) -> str:
        """What an encoder is given, and where the media server pulls from."""
        return f"rtmp://127.0.0.1:{self.port}/live"


def rtmp_server(
    folder: Path, port: int, again_port: int, media_port: int
) -> RtmpServer | None:
    """Write its configuration into `folder`; None on a machine without the program.

    again_port: where it asks itself, so that a restart of media ends no stream.
    """
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    module = next((path for path in MODULES if path.exists()), None)
    if nginx is None or module is None:
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {
        "MODULE": str(module),
        "FOLDER": str(folder),
        "LISTEN": f"127.0.0.1:{port}",
        "AGAIN": f"127.0.0.1:{again_port}",
        "MEDIA": f"127.0.0.1:{media_port}",
    }
    text = TEMPLATE.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    config = folder / "nginx.conf"
    config.write_text(text)
    own = ["-c", str(config), "-p", str(folder), "-e", "stderr"]
    return RtmpServer(port, [nginx, *own, "-g", "daemon off;"])
