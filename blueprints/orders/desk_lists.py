"""The accountant's orders and refunds as lists."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from wtforms import Field

from blueprints.fields import TextField
from blueprints.lists.columns import Column, On, Sum
from blueprints.lists.filters import Filter, OneOf, Tabs
from blueprints.lists.reports import Listing
from core.access import get_actor
from core.errors import N_
from core.i18n import lazy_gettext as _l
from core.i18n import translated
from core.pages.filters import mask_phone
from core.pages.paging import Page
from domain.orders.states import OrderState, PaymentMethod, RefundState
from domain.roles import BOOK_READERS
from domain.states import labels
from queries.orders.lists import (
    orders_in_scope,
    orders_total_fen,
    refund_totals,
    refunds_in_scope,
)
from queries.orders.views import OrderRow, RefundView

PHONE = re.compile(r"[0-9]{11}")
REFUND_TABS = {
    "open": (RefundState.REQUESTED,),
    "sending": (RefundState.APPROVED, RefundState.PENDING),
    "failed": (RefundState.FAILED,),
    "done": (RefundState.SUCCEEDED, RefundState.REJECTED),
}
TAB_WORDS = {
    "open": N_("等处理"),
    "sending": N_("退回中"),
    "failed": N_("没退成"),
    "done": N_("办完的"),
}
COOPERATIVE = Column("cooperative", N_("合作社"), on=On.FILES)
METHOD = Column("method", N_("付款方式"), short=N_("付款"))


class OrderFilter(Filter):
    """Days on which orders were placed, their state, method and words."""

    q = TextField(_l("订单号、收货人或手机号"), max_length=40)
    state = OneOf(_l("状态"), labels(OrderState))
    method = OneOf(_l("付款方式"), labels(PaymentMethod))

    def told(self, field: Field) -> str:
        """A phone number does not leave the house whole."""
        text = super().told(field)
        return mask_phone(text) if PHONE.fullmatch(text) else text


class OrderList(Listing):
    """Orders of the own cooperative, by state, method, days and words."""

    name, at, title = "orders", "orders", N_("订单收款")
    lead = N_("每一单的钱从哪来、到哪去。")
    nothing = (N_("没有这样的订单"), N_("换个条件再查。"))
    template = "orders/desk.html"
    counted = N_("共 %(total)s 单")
    readers = BOOK_READERS
    columns = (
        Column("number", N_("订单号")),
        Column("placed_at", N_("下单"), cls="nowrap"),
        COOPERATIVE,
        Column(
            "buyer",
            N_("买家"),
            get=lambda row: f"{row.recipient} {mask_phone(row.phone)}",
            on=On.PAGE,
        ),
        Column(
            "recipient",
            N_("收货人"),
            get=lambda row: row.recipient[:1] + "**",
            on=On.FILES,
        ),
        Column(
            "phone", N_("手机号"), get=lambda row: mask_phone(row.phone), on=On.FILES
        ),
        Column("goods", N_("货"), get=lambda row: row.line_names),
        Column("total_fen", N_("金额"), "fen"),
        METHOD,
        Column("state", N_("状态")),
    )
    sums = (
        Sum("orders", N_("订单数"), "orders", formula=N_("符合条件的订单。")),
        Sum(
            "total_fen",
            N_("金额合计"),
            "fen",
            formula=N_("这些订单的应付金额之和，没付款的和取消的也在内。"),
        ),
    )
    form: OrderFilter

    @cached_property
    def chosen(self) -> Mapping[str, Any]:
        """The filter as the queries take it."""
        return {
            "actor": get_actor(),
            "roles": self.readers,
            "states": self.form.state.chosen,
            "methods": self.form.method.chosen,
            "period": self.form.period,
            "text": self.form.q.data or "",
        }

    def find(self, page: int, per_page: int) -> Page[OrderRow]:
        return orders_in_scope(**self.chosen, page=page, per_page=per_page)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        total_fen = orders_total_fen(**self.chosen)
        return {"orders": self.found, "total_fen": total_fen}


class RefundFilter(Filter):
    """Days on which refunds were asked for, and what is to be done with them."""

    tab = Tabs(_l("步骤"), TAB_WORDS)


class RefundList(Listing):
    """Refunds of the own cooperative."""

    name, at, title = "refunds", "refunds", N_("退款")
    lead = N_("先看买家说了什么，再决定退不退。")
    nothing = (N_("这里没有退款"), N_("买家申请了会出现在这里。"))
    template = "orders/refunds.html"
    counted = N_("共 %(total)s 笔")
    readers = BOOK_READERS
    columns = (
        Column("id", N_("退款编号"), words=lambda row: str(row.id), on=On.FILES),
        Column("order_number", N_("订单号")),
        Column("requested_at", N_("申请")),
        COOPERATIVE,
        Column("goods_fen", N_("货款"), "fen", on=On.FILES),
        Column("freight_fen", N_("运费"), "fen", on=On.FILES),
        Column("amount_fen", N_("金额"), "fen"),
        Column("reason", N_("原因"), get=lambda row: translated(row.reason)),
        METHOD,
        Column("bearer", N_("谁承担")),
        Column("state", N_("状态")),
        Column("settled_at", N_("退回"), on=On.FILES),
        Column("reference", N_("流水号"), on=On.FILES),
    )
    sums = (
        Sum("refunds", N_("退款笔数"), "refunds", formula=N_("符合条件的退款。")),
        Sum(
            "asked_fen",
            N_("申请金额"),
            "fen",
            formula=N_("这些退款的金额之和，没有同意的不算。"),
        ),
        Sum(
            "returned_fen",
            N_("已退金额"),
            "fen",
            formula=N_("这些退款里，钱已经退到买家手里的金额之和。"),
        ),
    )
    form: RefundFilter

    @cached_property
    def chosen(self) -> Mapping[str, Any]:
        """The filter as the queries take it."""
        return {
            "actor": get_actor(),
            "roles": self.readers,
            "states": [s for tab in self.form.tab.chosen for s in REFUND_TABS[tab]],
            "period": self.form.period,
        }

    def find(self, page: int, per_page: int) -> Page[RefundView]:
        return refunds_in_scope(**self.chosen, page=page, per_page=per_page)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        sums = refund_totals(**self.chosen)
        return {
            "refunds": self.found,
            "asked_fen": sums.asked_fen,
            "returned_fen": sums.returned_fen,
        }
