"""Forms of the shipping desk and of the accountant's desk."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField
from wtforms import Form as BaseForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation

from blueprints.fields import ChoiceField, MoneyField, Required, TextField
from blueprints.forms import Form
from blueprints.orders.forms import AtMost, RefundForm, named, plain_int
from core.errors import N_
from core.i18n import gettext
from core.i18n import lazy_gettext as _l
from core.web.requests import LARGEST_ID
from domain.orders.states import RefundBearer, ShipmentState
from domain.states import labels
from queries.orders.packing import MOST_AT_ONCE
from services.orders.drafts import RefundDraft

OWN_DELIVERY = N_("自己送货")
CARRIERS = (
    N_("中国邮政"),
    N_("顺丰速运"),
    N_("京东快递"),
    N_("中通快递"),
    N_("圆通速递"),
    N_("申通快递"),
    N_("韵达快递"),
    N_("极兔速递"),
    N_("德邦快递"),
    OWN_DELIVERY,
)
OUTCOMES = {
    ShipmentState.RETURNED: N_("退回来了"),
    ShipmentState.LOST: N_("丢了"),
}


class RowForm(Form):
    """A form that stands in every row of a list; only the sent one reads its input."""

    def __init__(self, row_id: int, *, is_sent: bool = False) -> None:
        if is_sent:
            super().__init__()
        else:
            BaseForm.__init__(self)
        for field in self:
            field.id = f"{field.name}-{row_id}"


class ShipForm(RowForm):
    """Who carries the parcel, and under which number."""

    carrier = ChoiceField(
        _l("快递公司"),
        choices=[SelectChoice(name, _l(name)) for name in CARRIERS],
        default=CARRIERS[0],
    )
    tracking_number = TextField(_l("快递单号"), max_length=40)

    def validate_tracking_number(self, field: Any) -> None:
        """Only who delivers in person needs no number."""
        field.data = re.sub(r"\s", "", field.data or "").upper()
        if not field.data and self.carrier.data != OWN_DELIVERY:
            raise StopValidation(gettext("请填快递单号，买家要查。"))
        if not re.fullmatch(r"[A-Z0-9-]*", field.data):
            raise StopValidation(gettext("单号只有字母和数字，请核对。"))


class FailForm(RowForm):
    """How a parcel failed, and whether its goods can be sold again."""

    outcome = ChoiceField(_l("怎么了"), default=ShipmentState.RETURNED.value)
    reason = TextField(_l("原因"), [Required(_l("请写一句原因。"))], max_length=200)
    restock = BooleanField(_l("货还好，放回库存"))

    def __init__(self, row_id: int, *, is_sent: bool = False) -> None:
        super().__init__(row_id, is_sent=is_sent)
        self.outcome.choices = named(OUTCOMES)

    @property
    def state(self) -> ShipmentState:
        """What became of the parcel."""
        return ShipmentState(self.outcome.data)


class PacketsForm(Form):
    """Ticked orders, and the button that was pressed."""

    act = HiddenField()

    @property
    def wants_slips(self) -> bool:
        """Whether the slips are to be printed instead of packing."""
        return self.act.data in ("slips", "labels")

    def order_ids(self) -> list[int]:
        """The ids that were ticked."""
        return self.ids_in(request.form.getlist("order"))

    @staticmethod
    def ids_in(texts: Iterable[str]) -> list[int]:
        """The ids among `texts`, each once, at most MOST_AT_ONCE."""
        found = (plain_int(text, LARGEST_ID) for text in texts)
        return list(dict.fromkeys(one for one in found if one))[:MOST_AT_ONCE]


class ReferenceForm(Form):
    """The bank's number of a transfer."""

    reference = TextField(
        _l("银行流水号"), [Required(_l("请填银行流水号，日后好对账。"))], max_length=80
    )


class SurplusForm(ReferenceForm):
    """A transfer of another amount than the order's price."""

    amount = MoneyField(_l("实际到账多少"), [Required(_l("请填实际到账的金额。"))])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reference.id = "surplus-reference"


class RemittanceForm(ReferenceForm):
    """Cash that the carrier passed on, and what it kept."""

    fee = MoneyField(_l("快递公司扣的手续费"))

    @property
    def fee_fen(self) -> int:
        """The fee in fen; left empty there was none."""
        return self.fee.data or 0


class BearerForm(Form):
    """Who bears a refund that is granted."""

    bearer = ChoiceField(_l("这笔退款谁承担"), default=RefundBearer.PARTIES.value)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bearer.choices = named(labels(RefundBearer))

    @property
    def chosen(self) -> RefundBearer:
        """The bearer."""
        return RefundBearer(self.bearer.data)


class GrantForm(RefundForm):
    """A refund that the accountant makes and grants at once."""

    reason = TextField(
        _l("原因"), [Required(_l("请写一句原因，买家会看到。"))], max_length=200
    )
    bearer = ChoiceField(_l("谁承担"), default=RefundBearer.PARTIES.value)
    freight = MoneyField(_l("退多少运费"))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bearer.choices = named(labels(RefundBearer))

    def validate_freight(self, field: Any) -> None:
        """No more freight than is left."""
        AtMost(self.freight_left_fen)(self, field)

    def freight_fen(self) -> int:
        """The freight that goes back."""
        return self.freight.data or 0

    def to_draft(self) -> RefundDraft:
        """What was typed, with its bearer."""
        return replace(super().to_draft(), bearer=RefundBearer(self.bearer.data))
