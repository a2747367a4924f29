"""What a new password must not be."""

import unicodedata

from core.errors import N_, Invalid

SHORTEST_PASSWORD = 8
FEWEST_CHARACTERS = 3

# The most common ones of eight characters and more, from published leaks, Chinese
# and foreign, and the demo's own, which everybody knows.
COMMON = frozenset(
    """
    00000000 000000000 0000000000 0123456789 110110110 11111111 111111111 1111111111
    11112222 11223344 112233445566 12121212 123123123 123321123 12341234 12344321
    1234554321 123456123456 12345678 123456789 1234567890 123456789a 12345679
    123456abc 12345qwert 1234qwer 123654789 123qweasd 1314520a 147258369 147852369
    159357159 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 22222222 31415926 33333333
    369258147 44444444 5201314520 5201314a 55555555 66666666 741852963 77777777
    789456123 87654321 88888888 963852741 987654321 99999999 a12345678 a123456789
    aaaaaaaa abc12345 abc123456 abcd1234 abcdefg1 abcdefgh admin123 admin888
    administrator asdasdasd asdf1234 asdfghjkl baseball changeme computer dearbook
    football iloveyou iloveyou1 jennifer letmein1 michelle p@ssw0rd passw0rd password
    password1 password123 princess q1w2e3r4 qazwsxedc qq123456 qqqqqqqq qweasdzxc
    qwer1234 qwerty123 qwerty12345 qwertyuiop starwars sunshine superman tianbo-demo
    trustno1 welcome1 woaini123 woaini1314 woaini520 woaini5201314 xiazhili zaq12wsx
    zxcvbnm1 zxcvbnm123
    """.split()
)


class WeakPassword(Invalid):
    """Everybody would guess it."""

    code = "weak_password"
    message = N_("这个密码太常见，别人一猜就中。换一个只有您想得到的。")
    field = "password"


class PasswordTooShort(WeakPassword):
    """It has fewer than SHORTEST_PASSWORD characters."""

    code = "password_too_short"
    message = N_("密码至少 8 个字符。")


class PasswordIsPhone(WeakPassword):
    """It holds the phone number that it belongs to."""

    code = "password_is_phone"
    message = N_("密码里不要用自己的手机号，别人一试就开。换一个。")


def check_new_password(password: str, phone: str) -> None:
    """Refuse a password that others would guess; full-width counts as plain.

    phone: 11 digits. Raises PasswordTooShort, PasswordIsPhone, WeakPassword.
    """
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort()
    if phone in plain:
        raise PasswordIsPhone()
    if plain in COMMON or len(set(plain)) < FEWEST_CHARACTERS:
        raise WeakPassword()
