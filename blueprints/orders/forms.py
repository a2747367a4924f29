"""Forms of the cart, the checkout and the order page."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from wtforms import BooleanField, HiddenField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation

from blueprints.fields import (
    ChoiceField,
    IdField,
    IntField,
    MoneyField,
    PhoneField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.i18n import gettext, say
from core.i18n import lazy_gettext as _l
from domain.money import format_yuan
from domain.orders.numbers import UnknownOrderNumber, parse_order_number
from domain.orders.states import PaymentMethod
from domain.pricing import MAX_QUANTITY
from domain.regions import PROVINCES
from domain.states import labels
from queries.orders.views import LineView, OrderView
from services.orders.drafts import CheckoutDraft, RefundDraft, RefundDraftLine

LARGEST_TOTAL = 2**62


class ItemForm(Form):
    """How many boxes a line of the cart is to hold; 0 takes it out."""

    quantity = IntField(_l("数量"), [Required(_l("请填数量。"))], maximum=MAX_QUANTITY)
    remove = HiddenField()

    @property
    def wants_out(self) -> bool:
        """Whether the line is to go."""
        return bool(self.remove.data) or self.quantity.data == 0

    @property
    def typed(self) -> str:
        """The quantity as it was typed, right or wrong."""
        return str(self.quantity._value())


class AddForm(Form):
    """Boxes of a variant, and the live room and pin they were tapped in."""

    variant_id = IdField(_l("规格"), [Required(_l("请先选一种规格。"))])
    quantity = IntField(
        _l("数量"), [Required(_l("请填数量。"))], minimum=1, maximum=MAX_QUANTITY
    )
    session = TextField(max_length=120)
    pin = HiddenField()
    now = HiddenField()

    @property
    def pin_seq(self) -> int | None:
        """The pin's number in its room; anything that is none is forgotten."""
        return plain_int(self.pin.data, 2**31 - 1)


class CheckoutForm(Form):
    """Where to, and how it is paid."""

    request_id = RequestIdField()
    recipient = TextField(
        _l("收货人"),
        [Required(_l("请填收货人姓名。"))],
        max_length=40,
        render_kw={"autocomplete": "name"},
    )
    phone = PhoneField(
        _l("手机号"),
        [Required(_l("请填手机号，快递员要打电话。"))],
        render_kw={"autocomplete": "tel"},
    )
    province = ChoiceField(
        _l("省份"),
        [Required(_l("请选省份，好算运费。"))],
        choices=[
            SelectChoice("", _l("请选省份")),
            *(SelectChoice(name, _l(name)) for name in PROVINCES),
        ],
    )
    city = TextField(
        _l("城市"),
        [Required(_l("请填城市，例如“济南市”。"))],
        max_length=30,
        render_kw={"autocomplete": "address-level2"},
    )
    district = TextField(
        _l("区县"),
        [Required(_l("请填区县；没有区县的，填镇或街道。"))],
        max_length=30,
        render_kw={"autocomplete": "address-level3"},
    )
    street = TextField(
        _l("详细地址"),
        [Required(_l("请填街道、小区和门牌号。"))],
        max_length=120,
        render_kw={"autocomplete": "street-address"},
    )
    payment_method = ChoiceField(_l("怎么付"), default=PaymentMethod.STRIPE.value)
    shown_total = HiddenField()
    code = TextField(
        _l("短信验证码"),
        max_length=12,
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.payment_method.choices = named(labels(PaymentMethod))

    @classmethod
    def names(cls) -> list[str]:
        """What its page sends."""
        fields = vars(cls).items()
        return [name for name, each in fields if hasattr(each, "field_class")]

    def to_draft(self, *, is_phone_proven: bool) -> CheckoutDraft:
        """What was typed, as the service takes it."""
        return CheckoutDraft(
            request_id=self.request_id.data,
            recipient=self.recipient.data,
            phone=self.phone.data,
            province=self.province.data,
            city=self.city.data,
            district=self.district.data,
            street=self.street.data,
            payment_method=PaymentMethod(self.payment_method.data),
            shown_total_fen=plain_int(self.shown_total.data, LARGEST_TOTAL),
            is_phone_proven=is_phone_proven,
        )


class OrderNumberField(TextField):
    """An order number as people copy it; data is the canonical one."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        try:
            self.data = parse_order_number(self.data)
        except UnknownOrderNumber as error:
            raise StopValidation(say(error)) from error


class FindForm(Form):
    """A guest who lost the link: order number and phone."""

    number = OrderNumberField(
        _l("订单号"), [Required(_l("请填订单号，TB 开头。"))], max_length=40
    )
    phone = PhoneField(
        _l("下单时留的手机号"),
        [Required(_l("请填手机号。"))],
        render_kw={"autocomplete": "tel"},
    )


class ReasonForm(Form):
    """Why something is called off or declined."""

    reason = TextField(_l("原因"), [Required(_l("请写一句原因。"))], max_length=200)


class RefundForm(Form):
    """What is to go back of an order. Lines are added by `for_order`."""

    request_id = RequestIdField()
    reason = TextField(
        _l("哪里不好"),
        [Required(_l("请说一句哪里不好，合作社好处理。"))],
        max_length=200,
    )
    with_freight = BooleanField(_l("运费也退"))

    lines: Sequence[LineView]
    freight_left_fen: int

    def to_draft(self) -> RefundDraft:
        """What was typed, as the service takes it."""
        return RefundDraft(
            request_id=self.request_id.data,
            lines=[part for line in self.lines if (part := self._part(line))],
            freight_fen=self.freight_fen(),
            reason=self.reason.data,
        )

    def freight_fen(self) -> int:
        """Freight that goes back: all that is left of it, or none."""
        return self.freight_left_fen if self.with_freight.data else 0

    def boxes_of(self, line: LineView) -> IntField:
        """The field for how many boxes of a line go back."""
        return cast("IntField", self[f"quantity_{line.id}"])

    def money_of(self, line: LineView) -> MoneyField:
        """The field for another amount than the price of the boxes."""
        return cast("MoneyField", self[f"amount_{line.id}"])

    def validate(self, extra_validators: Any = None) -> bool:
        """Something must go back, and no more than is left of each line."""
        fields_are_right = bool(super().validate(extra_validators))
        if not fields_are_right:
            return False
        if not self.freight_fen() and not any(map(self._part, self.lines)):
            self.form_errors.append(gettext("请填要退几箱，或者退多少钱。"))
            return False
        return True

    def _part(self, line: LineView) -> RefundDraftLine | None:
        quantity = self.boxes_of(line).data or 0
        typed_fen = self.money_of(line).data
        whole = quantity == line.left.quantity
        due_fen = line.left.goods_fen if whole else quantity * line.price_fen
        goods_fen = due_fen if typed_fen is None else typed_fen
        if not goods_fen:
            return None
        return RefundDraftLine(line.id, quantity, goods_fen)


SomeRefund = TypeVar("SomeRefund", bound=RefundForm)


def first_problem(form: Form) -> str:
    """The first thing that is wrong with a form that has no page of its own."""
    problems = [*form.form_errors, *(text for field in form for text in field.errors)]
    return str(problems[0]) if problems else ""


def refund_form(order: OrderView) -> RefundForm:
    """The form by which a buyer asks for a refund."""
    return refund_form_as(RefundForm, order)


def refund_form_as(kind: type[SomeRefund], order: OrderView) -> SomeRefund:
    """The refund form of an order: two fields for each of its lines."""
    members: dict[str, Any] = {}
    for line in order.lines:
        members[f"quantity_{line.id}"] = IntField(
            _l("退几箱"), maximum=line.left.quantity
        )
        members[f"amount_{line.id}"] = MoneyField(
            _l("只退一部分钱"), [AtMost(line.left.goods_fen)]
        )
    form: SomeRefund = type("OrderRefundForm", (kind,), members)()
    form.lines = order.lines
    form.freight_left_fen = order.refundable_freight_fen
    return form


class AtMost:
    """An amount in fen with a ceiling; an empty field passes."""

    def __init__(self, fen: int) -> None:
        self.fen = fen

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is not None and field.data > self.fen:
            left = format_yuan(self.fen)
            raise StopValidation(gettext("最多退 %(left)s，请改小一些。", left=left))


def named(names: Mapping[Any, str]) -> list[SelectChoice]:
    """Choices for the members of an enumeration, by their Chinese names."""
    return [SelectChoice(one.value, gettext(name)) for one, name in names.items()]


def plain_int(text: str | None, maximum: int) -> int | None:
    """ASCII digits as a number up to `maximum`; None for anything else."""
    if not text or not re.fullmatch(r"[0-9]{1,19}", text):
        return None
    number = int(text)
    return number if number <= maximum else None
