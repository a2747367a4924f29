"""Forms of vouchers and employment: fields are called as the columns they fill."""

from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Regexp, ValidationError

from blueprints.fields import (
    ChoiceField,
    DayField,
    IntField,
    MoneyField,
    MonthField,
    RecordField,
    RequestIdField,
    Required,
    TextField,
    labels,
)
from blueprints.forms import Form
from core.access import get_actor
from core.config import current_settings
from core.i18n import lazy_gettext as _l
from domain.ledger.entries import VillageIncomeKind
from domain.periods import FIRST_YEAR, LAST_YEAR
from models.alliances import Village
from models.cooperative import Cooperative
from models.income import Employment
from queries.income.books import areas_kept
from services.income import person_key

MOST_WAGES_FEN = 10_000_000
HINT = r"[0-9０-９]{3}[0-9０-９XxＸｘ]\Z"
NO_HINT = _l("请填 4 位：数字，最后一位可以是 X。")


def own(table: type[Village | Cooperative], label: Any, message: Any) -> RecordField:
    """One of those whose books the person keeps; the only one is chosen already."""

    def choices() -> list[SelectChoice]:
        kept = [SelectChoice(*one) for one in areas_kept(table, get_actor())]
        return kept if len(kept) == 1 else [SelectChoice("", _l("请选择")), *kept]

    needed = [Required(message)]
    return RecordField(label, needed, choices=choices, name=table.__tablename__)


class VoucherForm(Form):
    """One income voucher of a village."""

    request_id = RequestIdField()
    village_id = own(Village, _l("哪个村"), _l("请选村。"))
    kind = ChoiceField(
        _l("收入种类"),
        choices=lambda: labels(VillageIncomeKind),
        default=VillageIncomeKind.OPERATING.value,
    )
    amount_fen = MoneyField(_l("金额"), [Required(_l("请填金额。"))], name="amount")
    received_on = DayField(_l("收款日期"), [Required(_l("请填收款日期。"))])
    number = TextField(_l("凭证号"), [Required(_l("请填凭证号。"))], max_length=40)
    memo = TextField(_l("摘要"), [Required(_l("请写一句是什么钱。"))], max_length=200)

    def validate_amount_fen(self, field: Any) -> None:
        """An amount of nothing is no voucher."""
        if field.data == 0:
            raise ValidationError(str(_l("金额要大于 0。")))

    def validate_received_on(self, field: Any) -> None:
        """Within the years that reports know."""
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(str(_l("这个日期不对，请核对年份。")))


class EmploymentForm(Form):
    """One person's paid work in one month."""

    request_id = RequestIdField()
    cooperative_id = own(Cooperative, _l("合作社"), _l("请选合作社。"))
    village_id = own(Village, _l("干活的人是哪个村的"), _l("请选村。"))
    month = MonthField(_l("月份"), [Required(_l("请填月份。"))])
    person_name = TextField(_l("姓名"), [Required(_l("请填姓名。"))], max_length=30)
    identity_hint = TextField(
        _l("身份证后四位"),
        [Required(_l("请填身份证后四位。")), Regexp(HINT, message=NO_HINT)],
        max_length=8,
    )
    days = IntField(_l("天数"), [Required(_l("请填天数。"))], minimum=1, maximum=31)
    wages_fen = MoneyField(_l("工资"), [Required(_l("请填工资。"))], name="wages")

    def validate_wages_fen(self, field: Any) -> None:
        """A month's wages of one person."""
        if field.data and field.data > MOST_WAGES_FEN:
            raise ValidationError(str(_l("一个人一个月的工资不会这么多，请核对。")))

    def work(self) -> Employment:
        """What was typed; of the hint only a digest."""
        secret, name = current_settings().secret_key, self.person_name.data
        key = person_key(secret, name, self.identity_hint.data)
        return self.build(Employment, person_key=key)


class VoidForm(Form):
    """Why an entry is taken back."""

    reason = TextField(_l("为什么作废"), [Required(_l("请写明原因。"))], max_length=200)
