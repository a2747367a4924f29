"""The command line: flags, one line when ready, a clean end on a signal."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox.server import (
    Endpoint,
    LiveKeyPresent,
    SandboxServer,
    refuse_live_keys,
)

_DEFAULT_KEY = "sk_test_tianbo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; 0 after a clean end, 2 when it cannot start."""
    parser = _parser()
    flags = parser.parse_args(arguments)
    if flags.webhook and not flags.webhook_secret:
        parser.error("--webhook needs --webhook-secret")
    try:
        refuse_live_keys(os.environ)
        refuse_live_keys(_flag_keys(flags))
        server = SandboxServer(
            port=flags.port,
            host=flags.host,
            state=flags.state,
            endpoints=_endpoints(flags),
            merchants=dict(flags.merchant),
        )
    except (LiveKeyPresent, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    _run_until_signal(server)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that survives restarts")
    parser.add_argument("--key", default=_DEFAULT_KEY, help="account of --webhook")
    parser.add_argument("--webhook", help="address that gets the events of --key")
    parser.add_argument("--webhook-secret", help="signs what goes to --webhook")
    parser.add_argument(
        "--endpoint",
        action="append",
        default=_endpoints_of_environment(),
        type=parse_endpoint,
        metavar="KEY=URL=SECRET",
        help="a webhook endpoint; may be repeated (or SANDBOX_ENDPOINTS, by spaces)",
    )
    parser.add_argument(
        "--merchant",
        action="append",
        default=[],
        type=_parse_merchant,
        metavar="KEY=NAME",
        help="the name shown on the account's pages; may be repeated",
    )
    return parser


def parse_endpoint(text: str) -> Endpoint:
    """`KEY=URL=SECRET`, where the URL may hold `=`; ArgumentTypeError otherwise."""
    key, _, rest = text.partition("=")
    url, _, secret = rest.rpartition("=")
    if not (key and secret and url.startswith(("http://", "https://"))):
        raise argparse.ArgumentTypeError("write KEY=URL=SECRET")
    return Endpoint(key, url, secret)


def _parse_merchant(text: str) -> tuple[str, str]:
    key, _, name = text.partition("=")
    if not (key and name):
        raise argparse.ArgumentTypeError("write KEY=NAME")
    return key, name


def _endpoints_of_environment() -> list[Endpoint]:
    listed = os.environ.get("SANDBOX_ENDPOINTS", "").split()
    return [parse_endpoint(text) for text in listed]


def _endpoints(flags: argparse.Namespace) -> list[Endpoint]:
    endpoints: list[Endpoint] = list(flags.endpoint)
    if flags.webhook:
        endpoints.append(Endpoint(flags.key, flags.webhook, flags.webhook_secret))
    return endpoints


def _flag_keys(flags: argparse.Namespace) -> dict[str, str]:
    keys = {"--key": flags.key}
    keys |= {f"--endpoint {e.url}": e.key for e in flags.endpoint}
    return keys | {f"--merchant {name}": key for key, name in flags.merchant}


def _run_until_signal(server: SandboxServer) -> None:
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    server.start()
    print(f"Stripe sandbox (test mode) ready at {server.base_url}", flush=True)
    ended.wait()
    server.stop()
