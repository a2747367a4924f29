"""Settings: read once, and refused at start with one line when they cannot work."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.config import BadSetting, Settings, load_settings
from tests.support.databases import NEUTRAL, SECRET

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def settings(instance: Path, **values: str) -> Settings:
    given = {"INSTANCE_PATH": str(instance), "SECRET_KEY": SECRET}
    return load_settings({**NEUTRAL, **given, **values})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/tianbo"),
        ("DATABASE_URL", "tianbo.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:////no/such/folder/tianbo.db"),
        ("DATABASE_URL", "sqlite:////tmp"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://user@host"),
        ("DATABASE_URL", "postgresql://user:pass@host:port/tianbo"),
        ("MEDIA_URL", "ws://media.example.org"),
        ("MEDIA_INTERNAL_URL", "127.0.0.1:9000"),
        ("WEB_INTERNAL_URL", "http://127.0.0.1:8000/shop"),
        ("RTMP_URL", "https://live.example.org/live"),
        ("RTMP_URL", "rtmp://live.example.org"),
        ("RTMP_URL", "rtmp://live.example.org:99999/live"),
        ("MEDIA_URL", "https://media.example.org/a?b=c"),
        ("PUBLIC_URL", "shop.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://shop.example.org/shop"),
        ("PUBLIC_URL", "https://shop.example.org?x=1"),
        ("PUBLIC_URL", "https://user@shop.example.org"),
        ("PUBLIC_URL", "https://shop.example.org:0"),
        ("PUBLIC_URL", "https://shop.example.org:65536"),
        ("PUBLIC_URL", "https://shop.example.org:80a"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "https://a.example; script-src *"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 31),
        ("SMS_URL", "sms.example.org"),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("STRIPE_API_BASE", "https://api.stripe.com/v1"),
        ("STRIPE_API_BASE", "https://a; script-src *"),
        ("STRIPE_SECRET_KEY", "pk_test_1"),
        ("STRIPE_SECRET_KEY", "sk_test_1 sk_test_2"),
        ("STRIPE_WEBHOOK_SECRET", "we_1"),
        ("TIANBO_DEMO", "yes"),
        ("TIANBO_DEMO", "2"),
        ("TRUSTED_HOSTS", "*"),
        ("TRUSTED_HOSTS", "https://shop.example.org"),
        ("TRUSTED_HOSTS", "shop.example.org, a b"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "10"),
        ("TRUSTED_PROXIES", "³"),
    ],
)
def test_a_bad_value_is_named_in_one_line(
    instance: Path, name: str, value: str
) -> None:
    with pytest.raises(BadSetting) as refusal:
        settings(instance, **{name: value})

    [message] = refusal.value.args
    assert message.startswith(f"{name}: ")
    assert "\n" not in message


def test_a_broken_database_address_does_not_show_its_password(instance: Path) -> None:
    with pytest.raises(BadSetting) as refusal:
        settings(instance, DATABASE_URL="postgresql://me:opensesame@host:x/tianbo")

    assert "opensesame" not in str(refusal.value)


def test_an_instance_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadSetting, match="INSTANCE_PATH"):
        settings(tmp_path / "file")


def test_an_instance_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadSetting, match="DATABASE_URL"):
        settings(tmp_path / "file" / "instance")


def test_without_demo_mode_a_secret_must_be_set(instance: Path) -> None:
    with pytest.raises(BadSetting, match="SECRET_KEY: set a random value"):
        settings(instance, SECRET_KEY="")


def test_the_demos_secret_does_not_serve_outside_the_demo(instance: Path) -> None:
    settings(instance, SECRET_KEY="", TIANBO_DEMO="1")

    with pytest.raises(BadSetting, match="SECRET_KEY"):
        settings(instance, SECRET_KEY="")


def test_the_demo_makes_its_own_secret_and_keeps_it(instance: Path) -> None:
    first = settings(instance, SECRET_KEY="", TIANBO_DEMO="1").secret_key
    again = settings(instance, SECRET_KEY="", TIANBO_DEMO="1").secret_key

    assert first == again
    assert len(first) >= 32
    assert (instance / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in instance.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_share_the_demos_secret(instance: Path) -> None:
    def start(_number: int) -> str:
        return settings(instance, SECRET_KEY="", TIANBO_DEMO="1").secret_key

    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(start, range(32)))

    assert len(secrets) == 1


@pytest.mark.parametrize("key", ["sk_live_" + "1" * 8, "rk_live_" + "1" * 8])
def test_the_demo_is_refused_beside_a_live_key(instance: Path, key: str) -> None:
    with pytest.raises(BadSetting, match=r"TIANBO_DEMO: .* live key"):
        settings(instance, TIANBO_DEMO="1", STRIPE_SECRET_KEY=key)


def test_a_live_key_never_travels_in_plain(instance: Path) -> None:
    live = "sk_live_" + "1" * 8

    with pytest.raises(BadSetting, match="STRIPE_API_BASE"):
        settings(
            instance, STRIPE_SECRET_KEY=live, STRIPE_API_BASE="http://10.0.0.1:9000"
        )
    kept = settings(
        instance, STRIPE_SECRET_KEY=live, STRIPE_API_BASE="https://api.stripe.com"
    )
    assert kept.stripe_secret_key == live


def test_what_is_left_out_has_a_default(instance: Path) -> None:
    found = settings(instance)

    assert found.database_url == f"sqlite:///{instance / 'tianbo.db'}"
    assert found.public_url == "http://127.0.0.1:8000"
    assert found.trusted_hosts == ("127.0.0.1",)
    assert found.proxies == 0
    assert not found.demo
    assert not found.secure_cookies
    assert instance.stat().st_mode & 0o777 == 0o700
    for nothing in ("redis_url", "stripe_secret_key", "stripe_api_base", "media_url"):
        assert getattr(found, nothing) is None


def test_good_values_are_read(instance: Path, tmp_path: Path) -> None:
    found = settings(
        instance,
        DATABASE_URL=f"sqlite:///{tmp_path}/x.db",
        PUBLIC_URL="https://Shop.Example.org:8443/",
        MEDIA_URL="https://media.example.org/live/",
        RTMP_URL="rtmp://live.example.org:1935/live",
        REDIS_URL="rediss://:secret@redis.example.org:6380/2",
        STRIPE_SECRET_KEY="rk_test_1",
        STRIPE_WEBHOOK_SECRET="whsec_1",
        STRIPE_API_BASE="http://127.0.0.1:8009/",
        TIANBO_DEMO="0",
        TRUSTED_HOSTS=" WWW.example.org, .shops.example.org,",
        TRUSTED_PROXIES="2",
    )

    assert found.database_url == f"sqlite:///{tmp_path}/x.db"
    assert found.public_url == "https://shop.example.org:8443"
    assert found.media_url == "https://media.example.org/live"
    assert found.media_internal_url == "https://media.example.org/live"
    assert found.web_internal_url == "https://shop.example.org:8443"
    assert found.rtmp_url == "rtmp://live.example.org:1935/live"
    assert found.redis_url == "rediss://:secret@redis.example.org:6380/2"
    assert found.stripe_api_base == "http://127.0.0.1:8009"
    assert found.trusted_hosts == (
        "www.example.org",
        ".shops.example.org",
        "shop.example.org",
    )
    assert found.proxies == 2
    assert found.secure_cookies


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_means_psycopg(instance: Path, scheme: str) -> None:
    found = settings(instance, DATABASE_URL=f"{scheme}://me:p%40ss@db:5433/tianbo")

    assert found.database_url == "postgresql+psycopg://me:p%40ss@db:5433/tianbo"


def test_the_demo_answers_on_this_machine_under_any_name(instance: Path) -> None:
    found = settings(instance, TIANBO_DEMO="1", PUBLIC_URL="http://farm.test:8000")

    assert found.trusted_hosts == ("farm.test", "127.0.0.1", "localhost")


def test_the_process_ends_with_one_line(instance: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import app; app.app"],
        cwd=ROOT,
        env={**os.environ, **NEUTRAL, "INSTANCE_PATH": str(instance), "SECRET_KEY": ""},
        capture_output=True,
        check=False,
        text=True,
    )

    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "SECRET_KEY: set a random value of 32 characters or more"
    )


def test_the_example_names_every_setting() -> None:
    example = (ROOT / ".env.example").read_text()
    named = {line.split("=")[0] for line in example.splitlines() if "=" in line[:30]}

    assert {*NEUTRAL, "SECRET_KEY", "INSTANCE_PATH", "TRUSTED_PROXIES"} <= named
