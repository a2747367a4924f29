"""Forms of vouchers and employment."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation, ValidationError

from blueprints.fields import (
    ChoiceField,
    DayField,
    IntField,
    MoneyField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.clock import today
from core.i18n import lazy_gettext as _l
from domain.ledger.entries import VillageIncomeKind
from domain.numerals import narrow
from domain.periods import FIRST_YEAR, LAST_YEAR
from queries.income.scope import Place
from services.income import EmploymentDraft, VoucherDraft, person_key

MOST_WAGES_FEN = 10_000_000


class MonthField(DayField):
    """A month as 2026-03; data is its first day."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%Y-%m}" if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = narrow(str(valuelist[0])) if valuelist else ""
        if not text:
            return
        problem = str(_l("请按 2026-03 这样的格式填月份。"))
        try:
            self.data = date.fromisoformat(f"{text}-01")
        except ValueError as error:
            raise ValueError(problem) from error
        if len(text) != len("2026-03") or not (
            FIRST_YEAR <= self.data.year <= LAST_YEAR
        ):
            self.data = None
            raise ValueError(problem)

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data > today():
            raise StopValidation(str(_l("这个月还没到，请核对月份。")))


class VoucherForm(Form):
    """One income voucher of a village."""

    request_id = RequestIdField()
    village = ChoiceField(_l("哪个村"), [Required(_l("请选村。"))])
    kind = ChoiceField(
        _l("收入种类"),
        choices=[
            SelectChoice(VillageIncomeKind.OPERATING.value, _l("经营收入")),
            SelectChoice(VillageIncomeKind.SUBSIDY.value, _l("补助收入")),
        ],
        default=VillageIncomeKind.OPERATING.value,
    )
    amount = MoneyField(_l("金额"), [Required(_l("请填金额。"))])
    received_on = DayField(_l("收款日期"), [Required(_l("请填收款日期。"))])
    number = TextField(_l("凭证号"), [Required(_l("请填凭证号。"))], max_length=40)
    memo = TextField(_l("摘要"), [Required(_l("请写一句是什么钱。"))], max_length=200)

    def validate_amount(self, field: Any) -> None:
        """An amount of nothing is no voucher."""
        if field.data == 0:
            raise ValidationError(str(_l("金额要大于 0。")))

    def validate_received_on(self, field: Any) -> None:
        """Money counts once it is there."""
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(str(_l("这个日期不对，请核对年份。")))
        if field.data and field.data > today():
            raise ValidationError(str(_l("日期还没到，请填今天或以前的日期。")))

    def offer(self, villages: Sequence[Place]) -> None:
        """The villages one may choose from."""
        self.village.choices = offered(villages)

    def to_draft(self) -> VoucherDraft:
        """What was typed, as the service takes it."""
        return VoucherDraft(
            request_id=self.request_id.data,
            village_id=int(self.village.data),
            kind=VillageIncomeKind(self.kind.data),
            amount_fen=self.amount.data,
            received_on=self.received_on.data,
            number=self.number.data,
            memo=self.memo.data,
        )


class EmploymentForm(Form):
    """One person's paid work in one month."""

    request_id = RequestIdField()
    cooperative = ChoiceField(_l("合作社"), [Required(_l("请选合作社。"))])
    village = ChoiceField(_l("干活的人是哪个村的"), [Required(_l("请选村。"))])
    month = MonthField(_l("月份"), [Required(_l("请填月份。"))])
    person_name = TextField(_l("姓名"), [Required(_l("请填姓名。"))], max_length=30)
    identity_hint = TextField(
        _l("身份证后四位"), [Required(_l("请填身份证后四位。"))], max_length=8
    )
    days = IntField(_l("天数"), [Required(_l("请填天数。"))], minimum=1, maximum=31)
    wages = MoneyField(_l("工资"), [Required(_l("请填工资。"))])

    def validate_identity_hint(self, field: Any) -> None:
        """Four characters: digits, the last of which may be X."""
        text = narrow(field.data).upper().replace("Ｘ", "X")
        digits = text[:-1] + ("0" if text[-1:] == "X" else text[-1:])
        if len(text) != 4 or not (digits.isascii() and digits.isdigit()):
            raise ValidationError(str(_l("请填 4 位：数字，最后一位可以是 X。")))
        field.data = text

    def validate_wages(self, field: Any) -> None:
        """A month's wages of one person."""
        if field.data and field.data > MOST_WAGES_FEN:
            raise ValidationError(str(_l("一个人一个月的工资不会这么多，请核对。")))

    def offer(self, cooperatives: Sequence[Place], villages: Sequence[Place]) -> None:
        """The cooperatives and villages one may choose from."""
        self.cooperative.choices = offered(cooperatives)
        self.village.choices = offered(villages)

    def to_draft(self, secret: str) -> EmploymentDraft:
        """What was typed, as the service takes it; the hint becomes a digest."""
        name = self.person_name.data
        return EmploymentDraft(
            request_id=self.request_id.data,
            cooperative_id=int(self.cooperative.data),
            village_id=int(self.village.data),
            person_name=name,
            person_key=person_key(secret, name, self.identity_hint.data),
            month=self.month.data,
            days=self.days.data,
            wages_fen=self.wages.data,
        )


class VoidForm(Form):
    """Why a record is taken back."""

    reason = TextField(_l("为什么作废"), [Required(_l("请写明原因。"))], max_length=200)


def offered(places: Sequence[Place]) -> list[SelectChoice]:
    """Places as choices; the only one is chosen already."""
    choices = [SelectChoice(str(place.id), place.name) for place in places]
    return choices if len(choices) == 1 else [SelectChoice("", _l("请选择")), *choices]
