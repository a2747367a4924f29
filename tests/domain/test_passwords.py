"""Passwords that everybody would guess are refused in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.passwords import (
    COMMON,
    SHORTEST_PASSWORD,
    PasswordIsPhone,
    PasswordTooShort,
    WeakPassword,
    check_new_password,
)

PHONE = "13800000001"


def test_the_hundred_most_common_are_refused() -> None:
    assert len(COMMON) >= 100
    for password in COMMON:
        with pytest.raises(WeakPassword):
            check_new_password(password, PHONE)


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("", PasswordTooShort),
        ("seven-7", PasswordTooShort),
        ("七个字的密码呀", PasswordTooShort),
        (PHONE, PasswordIsPhone),
        (f"me{PHONE}", PasswordIsPhone),
        ("１３８０００００００１", PasswordIsPhone),
        ("PassWord", WeakPassword),
        ("１２３４５６７８", WeakPassword),
        ("zzzzzzzzzz", WeakPassword),
        ("9797979797", WeakPassword),
        ("        ", WeakPassword),
    ],
)
def test_a_weak_password_is_named(password: str, error: type[WeakPassword]) -> None:
    with pytest.raises(WeakPassword) as refusal:
        check_new_password(password, PHONE)

    assert type(refusal.value) is error
    assert refusal.value.status == 422
    assert refusal.value.text.endswith("。")


@pytest.mark.parametrize(
    "password",
    [
        "blue ginger field",
        "我家蜜薯最甜呢呀",
        "13900000002",
        "x7!" * 3,
        "tianbo-demo-2",
    ],
)
def test_other_passwords_are_taken(password: str) -> None:
    check_new_password(password, PHONE)


@given(password=st.text())
def test_every_text_gets_an_answer(password: str) -> None:
    try:
        check_new_password(password, PHONE)
    except WeakPassword:
        return
    assert len(password) >= SHORTEST_PASSWORD
    assert PHONE not in password
