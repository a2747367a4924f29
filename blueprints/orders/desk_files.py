"""The accountant's orders and refunds as files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.lists import Field, ListReport, Total, local_iso, sortable
from blueprints.orders.desk_forms import BEARERS, STATE_NAMES, DeskFilter
from blueprints.orders.forms import METHOD_NAMES
from core.clock import now
from core.errors import N_
from core.i18n import gettext as _
from core.i18n import translated
from core.pages.filters import mask_phone
from core.pages.paging import Page
from domain.orders.states import RefundBearer, RefundState
from domain.periods import Period
from domain.roles import ScopeKind
from integrations.exports.document import ColumnKind
from queries.orders.access import OrderScope, scope_places
from queries.orders.lists import RefundTotals
from queries.orders.views.orders import OrderRow, RefundView

PHONE = re.compile(r"[0-9]{11}")
REFUND_STATES = {
    RefundState.REQUESTED: N_("等处理"),
    RefundState.APPROVED: N_("同意了，等退回"),
    RefundState.PENDING: N_("退回中"),
    RefundState.SUCCEEDED: N_("已退回"),
    RefundState.FAILED: N_("没退成"),
    RefundState.REJECTED: N_("没有同意"),
}
METHOD = Field(
    "method",
    N_("付款方式"),
    lambda row: row.method.value,
    words=lambda row: _(METHOD_NAMES[row.method]),
)
ORDER_FIELDS = (
    Field("number", N_("订单号"), lambda row: row.number),
    Field(
        "placed_at",
        N_("下单"),
        lambda row: local_iso(row.placed_at),
        words=lambda row: sortable(row.placed_at),
    ),
    Field("cooperative", N_("合作社"), lambda row: row.cooperative),
    Field("recipient", N_("收货人"), lambda row: masked_name(row.recipient)),
    Field("phone", N_("手机号"), lambda row: mask_phone(row.phone)),
    Field(
        "goods",
        N_("货"),
        lambda row: list(row.line_names),
        words=lambda row: _("、").join(row.line_names),
    ),
    Field("total_fen", N_("金额（元）"), lambda row: row.total_fen, ColumnKind.YUAN),
    METHOD,
    Field(
        "state",
        N_("状态"),
        lambda row: row.state.value,
        words=lambda row: _(STATE_NAMES[row.state]),
    ),
)
REFUND_FIELDS = (
    Field("id", N_("退款编号"), lambda row: row.id, words=lambda row: str(row.id)),
    Field("order_number", N_("订单号"), lambda row: row.order_number),
    Field(
        "requested_at",
        N_("申请"),
        lambda row: local_iso(row.requested_at),
        words=lambda row: sortable(row.requested_at),
    ),
    Field("cooperative", N_("合作社"), lambda row: row.cooperative),
    Field("goods_fen", N_("货款（元）"), lambda row: row.goods_fen, ColumnKind.YUAN),
    Field(
        "freight_fen", N_("运费（元）"), lambda row: row.freight_fen, ColumnKind.YUAN
    ),
    Field("amount_fen", N_("金额（元）"), lambda row: row.amount_fen, ColumnKind.YUAN),
    Field("reason", N_("原因"), lambda row: translated(row.reason)),
    METHOD,
    Field(
        "bearer",
        N_("谁承担"),
        lambda row: row.bearer,
        words=lambda row: _(BEARERS[RefundBearer(row.bearer)]),
    ),
    Field(
        "state",
        N_("状态"),
        lambda row: row.state.value,
        words=lambda row: _(REFUND_STATES[row.state]),
    ),
    Field(
        "settled_at",
        N_("退回"),
        lambda row: local_iso(row.settled_at) if row.settled_at else None,
        words=lambda row: sortable(row.settled_at) if row.settled_at else None,
    ),
    Field("reference", N_("流水号"), lambda row: row.reference),
)


@dataclass(frozen=True)
class Whose:
    """Whose orders these are: for programs, and as a name and value."""

    scope: Mapping[str, Any]
    fact: tuple[str, str]


def orders_report(
    scope: OrderScope, form: DeskFilter, page: Page[OrderRow], total_fen: int
) -> ListReport:
    """The orders of a filter that was typed right."""
    whose = _whose(scope)
    counted = Total(
        "orders", N_("订单数"), page.total, "orders", N_("符合条件的订单。")
    )
    summed = Total(
        "total_fen",
        N_("金额合计"),
        total_fen,
        "fen",
        N_("这些订单的应付金额之和，没付款的和取消的也在内。"),
    )
    return ListReport(
        name="orders",
        title=_("订单收款"),
        as_of=now(),
        period=form.period(),
        scope={
            **whose.scope,
            "state": form.state.data or None,
            "method": form.method.data or None,
            "q": _search(form) or None,
        },
        about=(whose.fact, *_choices(form)),
        fields=ORDER_FIELDS,
        rows=page.items,
        found=page.total,
        totals=(counted, summed),
    )


def refunds_report(
    scope: OrderScope,
    page: Page[RefundView],
    sums: RefundTotals,
    *,
    period: Period | None,
    tab: tuple[str, str],
) -> ListReport:
    """The refunds of a tab. tab: its name, empty for all, and its words."""
    whose = _whose(scope)
    counted = Total(
        "refunds", N_("退款笔数"), page.total, "refunds", N_("符合条件的退款。")
    )
    asked = Total(
        "asked_fen",
        N_("申请金额"),
        sums.asked_fen,
        "fen",
        N_("这些退款的金额之和，没有同意的不算。"),
    )
    returned = Total(
        "returned_fen",
        N_("已退金额"),
        sums.returned_fen,
        "fen",
        N_("这些退款里，钱已经退到买家手里的金额之和。"),
    )
    return ListReport(
        name="refunds",
        title=_("退款"),
        as_of=now(),
        period=period,
        scope={**whose.scope, "tab": tab[0] or None},
        about=(whose.fact, (_("步骤"), tab[1])),
        fields=REFUND_FIELDS,
        rows=page.items,
        found=page.total,
        totals=(counted, asked, returned),
    )


def masked_name(name: str) -> str:
    """A recipient outside the house: the first character."""
    return f"{name[:1]}**"


def _choices(form: DeskFilter) -> Sequence[tuple[str, str]]:
    every = str(_("全部"))
    state = _(STATE_NAMES[form.states[0]]) if form.states else every
    method = _(METHOD_NAMES[form.methods[0]]) if form.methods else every
    return (
        (_("状态"), state),
        (_("付款方式"), method),
        (_("查找"), _search(form) or every),
    )


def _search(form: DeskFilter) -> str:
    """The words looked for; a phone number does not leave the house whole."""
    text = str(form.q.data or "")
    return mask_phone(text) if PHONE.fullmatch(text) else text


def _whose(scope: OrderScope) -> Whose:
    if scope.everything:
        return Whose({"places": None}, (_("范围"), _("全部")))
    places = scope_places(scope)
    named = [
        {"kind": place.kind.value, "slug": place.slug, "name": place.name}
        for place in places
    ]
    is_coop = {place.kind for place in places} <= {ScopeKind.COOPERATIVE}
    names = _("、").join(place.name for place in places)
    return Whose({"places": named}, (_("合作社") if is_coop else _("范围"), names))
