"""Fields that forgive how people type, not what."""

import re
import unicodedata
import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField
from wtforms import Form as BaseForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, StopValidation, ValidationError

from core.errors import DomainError
from core.i18n import gettext, page_language, say
from core.i18n import lazy_gettext as _l
from domain.money import parse_yuan
from domain.periods import month_label, parse_month
from domain.states import Labelled
from domain.weight import parse_jin

LARGEST_INT = 2**31 - 1
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Control characters, and marks that turn the direction of the text around them."""


class TextField(StringField):
    """One or more lines of text: stripped, NFC, no control characters."""

    data: Any

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] = (),
        *,
        max_length: int = 80,
        **kwargs: Any,
    ) -> None:
        limit = Length(max=max_length, message=_l("最多写 %(max)d 个字，请删短一些。"))
        super().__init__(label, [*validators, limit], **kwargs)
        self.max_length = max_length

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]) if valuelist else ""
        self.data = unicodedata.normalize("NFC", text).strip()

    def pre_validate(self, form: Any) -> None:
        if UNSEEN.search(self.data or ""):
            raise StopValidation(str(_l("里面有看不见的字符，请删掉重新输入。")))


class Required:
    """The field must be filled in; `message` says what to do."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("这一项要填。")

    def __call__(self, form: BaseForm, field: Any) -> None:
        empty = field.data in (None, "", [])
        if empty and not field.errors:
            raise StopValidation(str(self.message))
        if empty:
            raise StopValidation()


class ParsedField(StringField):
    """A text that turns into a value; what was typed is shown again."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = str(valuelist[0]) if valuelist else ""
        text = unicodedata.normalize("NFC", typed).strip()
        if text:
            try:
                self.data = self.parse(text)
            except DomainError as error:
                raise ValueError(say(error)) from error

    def parse(self, text: str) -> Any:
        """Turn the text into the value, or raise DomainError or ValueError."""
        return text

    def show(self, value: Any) -> str:
        """The text for a value that comes from the database."""
        return str(value)


class IntField(ParsedField):
    """A whole number written with ASCII or full-width digits."""

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] = (),
        *,
        minimum: int = 0,
        maximum: int = LARGEST_INT,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, tuple(validators), **kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def parse(self, text: str) -> int:
        plain = text.translate(FULL_WIDTH)
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", plain):
            raise ValueError(str(_l("请填整数，例如 12。")))
        value = int(plain)
        if not self.minimum <= value <= self.maximum:
            raise ValueError(
                str(_l("请填 %(low)s 到 %(high)s 之间的整数。"))
                % {"low": self.minimum, "high": self.maximum}
            )
        return value


FULL_WIDTH = str.maketrans("０１２３４５６７８９－＋", "0123456789-+")


class IdField(IntField):
    """The id of a record, chosen from a list or carried along hidden."""

    def __init__(
        self, label: Any = None, validators: Sequence[Any] = (), **kwargs: Any
    ) -> None:
        super().__init__(label, validators, minimum=1, maximum=2**63 - 1, **kwargs)

    def parse(self, text: str) -> int:
        try:
            return super().parse(text)
        except ValueError as error:
            raise ValueError(str(_l("请从列表里选一项。"))) from error


class MoneyField(ParsedField):
    """Yuan as people write them, kept as fen."""

    def parse(self, text: str) -> int:
        return parse_yuan(text)

    def show(self, value: int) -> str:
        return f"{value // 100}.{value % 100:02d}"


class JinField(ParsedField):
    """斤 as people write them, kept as grams."""

    def parse(self, text: str) -> int:
        return parse_jin(text)

    def show(self, value: int) -> str:
        hundredths = value // 5
        whole, rest = divmod(hundredths, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


class PhoneField(ParsedField):
    """A mainland mobile number; spaces, dashes and +86 are forgiven."""

    def parse(self, text: str) -> str:
        digits = re.sub(r"[\s\-()（）]", "", text.translate(FULL_WIDTH))
        digits = re.sub(r"^(\+?86)(?=1[0-9]{10}$)", "", digits)
        if not re.fullmatch(r"1[3-9][0-9]{9}", digits):
            raise ValueError(str(_l("手机号是 1 开头的 11 位数字，请核对。")))
        return digits


class DayField(DateField):
    """A calendar day; a picker in the browser, yyyy-mm-dd without one."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = str(valuelist[0]).translate(FULL_WIDTH).strip() if valuelist else ""
        if not text:
            return
        try:
            self.data = date.fromisoformat(text)
        except ValueError as error:
            raise ValueError(str(_l("请按 2026-11-24 这样的格式填日期。"))) from error
        if not 1900 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(str(_l("这个日期不对，请核对年份。")))


class MonthField(ParsedField):
    """A month as 2026-03; data is its first day."""

    def parse(self, text: str) -> date:
        return parse_month(text)

    def show(self, value: date) -> str:
        return month_label(value)


class SecretField(PasswordField):
    """A password as it was typed; never shown again."""

    data: Any


class ChoiceField(SelectField):
    """One of a list; anything else is refused in plain words."""

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, *_rest in self.iter_choices()}:
            raise ValidationError(str(_l("请从列表里选一项。")))


class RecordField(ChoiceField):
    """A record chosen from a list; data is its id."""

    def __init__(self, label: Any, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, _id_of, **kwargs)


def _id_of(value: Any) -> int | str:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else ""


def labels(words: type[Labelled]) -> list[SelectChoice]:
    """Every one of a few as a choice."""
    return [SelectChoice(word.value, gettext(word.label)) for word in words]


class RequestIdField(HiddenField):
    """Makes a form happen once, however often it is sent."""

    data: Any

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=lambda: uuid.uuid4().hex, **kwargs)

    def pre_validate(self, form: Any) -> None:
        if not is_request_id(self.data or ""):
            self.data = uuid.uuid4().hex
            self.raw_data = [self.data]
            raise StopValidation(str(_l("页面过期了，请核对后再提交一次。")))


def is_request_id(text: str) -> bool:
    """Whether one of our pages may have sent this as its request id."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{8,64}", text))


def in_english() -> bool:
    """Whether this page is shown in English."""
    return page_language() == "en"
