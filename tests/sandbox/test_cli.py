import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sandbox.cli import main, parse_endpoint
from sandbox.server import Endpoint, LiveKeyPresent, SandboxServer
from tests.sandbox.receiver import Receiver

COMMAND = [sys.executable, "-m", "sandbox"]
ROOT = Path(__file__).parents[2]
LIVE = "sk_" + "live_0123456789"


@contextmanager
def started(
    *flags: str, **environment: str
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The sandbox as a process; gives its address, and kills it if it lives on."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *flags],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line
        yield found.group(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_within_a_second(sent: signal.Signals) -> None:
    with started() as (address, process):
        assert requests.get(f"{address}/_control/", timeout=5).ok
        asked = time.monotonic()
        process.send_signal(sent)

        assert process.wait(timeout=5) == 0
        assert time.monotonic() - asked < 1


def test_flags_register_endpoints_and_names(receiver: Receiver) -> None:
    with started(
        *("--key", "sk_test_flag", "--webhook", receiver.url),
        *("--webhook-secret", "whsec_flag", "--merchant", "sk_test_flag=旗"),
        SANDBOX_ENDPOINTS=f"sk_test_flag={receiver.url}?b=1=whsec_flag",
    ) as (address, _):
        answer = requests.post(
            f"{address}/v1/payment_intents",
            data={"amount": 500, "currency": "cny"},
            auth=("sk_test_flag", ""),
            timeout=5,
        )
        assert answer.ok
        receiver.wait_for(2)
        name = requests.get(
            f"{address}/v1/account", auth=("sk_test_flag", ""), timeout=5
        ).json()["business_profile"]["name"]

    assert len(receiver.events("whsec_flag")) == 2
    assert name == "旗"


@pytest.mark.parametrize("variable", ["STRIPE_SECRET_KEY", "SOME_OTHER_NAME"])
def test_it_does_not_start_beside_a_live_key(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
) -> None:
    monkeypatch.setenv(variable, LIVE)

    assert main(["--port", "0"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert variable in said.err
    assert LIVE not in said.err + said.out


def test_it_does_not_start_for_a_live_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", "--key", LIVE]) == 2
    assert "--key holds a live Stripe key" in capsys.readouterr().err


def test_it_does_not_start_in_process_beside_a_live_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", LIVE.replace("sk_", "rk_"))

    with pytest.raises(LiveKeyPresent):
        SandboxServer()


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2

    assert f"port {port}" in capsys.readouterr().err


def test_a_webhook_needs_its_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--webhook", "http://127.0.0.1:9/"])

    assert "--webhook-secret" in capsys.readouterr().err


def test_an_endpoint_is_key_url_secret() -> None:
    endpoint = parse_endpoint("sk_test_a=http://a.test/?x=1=whsec_b")

    assert endpoint == Endpoint("sk_test_a", "http://a.test/?x=1", "whsec_b")
    for text in ("", "sk_test_a", "sk_test_a=http://a.test/", "k=ftp://a=s"):
        with pytest.raises(argparse.ArgumentTypeError):
            parse_endpoint(text)
