"""Settings for text messages: whole or not at all."""

import pytest

from core.config import BadSetting, load_settings
from core.setting_values import SmsGateway, sms_gateway

SECRET = "s" * 40


def test_a_gateway_needs_its_address_and_its_token() -> None:
    gateway = SmsGateway("https://sms.example.org/send", "token")

    assert sms_gateway(gateway.url, gateway.token) == gateway
    assert sms_gateway("http://127.0.0.1:8/", "token")
    assert sms_gateway(None, "") is None


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://sms.example.org/send", ""),
        ("", "token"),
        ("http://sms.example.org/send", "token"),
        ("sms.example.org", "token"),
    ],
)
def test_half_a_gateway_is_refused_at_start(url: str, token: str) -> None:
    with pytest.raises(BadSetting, match="SMS_URL"):
        load_settings({"SECRET_KEY": SECRET, "SMS_URL": url, "SMS_TOKEN": token})


def test_neither_is_needed() -> None:
    settings = load_settings({"SECRET_KEY": SECRET, "SMS_URL": "", "SMS_TOKEN": ""})

    assert settings.sms_gateway is None
