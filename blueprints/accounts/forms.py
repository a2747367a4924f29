"""Forms of the account pages."""

import re
from typing import Any

from wtforms import HiddenField
from wtforms.validators import EqualTo, Length

from blueprints.fields import FULL_WIDTH, PhoneField, Required, SecretField, TextField
from blueprints.forms import Form
from core.i18n import lazy_gettext as _l
from domain.passwords import SHORTEST_PASSWORD

LONGEST_PASSWORD = 200


def password_field(label: Any, autocomplete: str) -> SecretField:
    """A password typed once; its length is bounded before it is hashed."""
    return SecretField(
        label,
        [
            Required(_l("请填密码。")),
            Length(max=LONGEST_PASSWORD, message=_l("密码太长了，请核对。")),
        ],
        render_kw={"autocomplete": autocomplete},
    )


def new_password_field() -> SecretField:
    """A password being chosen."""
    return SecretField(
        _l("新密码"),
        [
            Required(_l("请填密码。")),
            Length(
                min=SHORTEST_PASSWORD,
                max=LONGEST_PASSWORD,
                message=_l("密码至少 8 个字符。"),
            ),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(Form):
    """Phone and password."""

    phone = PhoneField(_l("手机号"), [Required(_l("请填手机号。"))])
    password = password_field(_l("密码"), "current-password")
    next = HiddenField()


class CodeRequestForm(Form):
    """Ask for a one-time code; the name is kept for who registers."""

    phone = PhoneField(_l("手机号"), [Required(_l("请填手机号。"))])
    purpose = HiddenField()
    name = TextField(_l("怎么称呼您"), max_length=30)
    next = HiddenField()


class CodeField(TextField):
    """Six digits, however the keyboard writes them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = re.sub(r"[\s-]", "", self.data.translate(FULL_WIDTH))


class CodeForm(Form):
    """Phone and the code that was sent to it."""

    phone = PhoneField(_l("手机号"), [Required(_l("请填手机号。"))])
    code = CodeField(
        _l("验证码"), [Required(_l("请填短信里的 6 位数字。"))], max_length=6
    )
    next = HiddenField()


class RegisterForm(CodeForm):
    """Open a buyer's account, with the code that proves the phone."""

    name = TextField(_l("怎么称呼您"), [Required(_l("请填称呼。"))], max_length=30)
    password = new_password_field()


class NewPasswordForm(Form):
    """Choose a password, for who was just proven by a code."""

    password = new_password_field()
    again = SecretField(
        _l("再输一次新密码"),
        [EqualTo("password", message=_l("两次输入的新密码不一样。"))],
        render_kw={"autocomplete": "new-password"},
    )


class PasswordForm(NewPasswordForm):
    """Change one's own password."""

    old = password_field(_l("现在的密码"), "current-password")
