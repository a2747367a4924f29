"""The orders behind a figure, and an order's postings."""

from collections.abc import Mapping
from functools import cached_property

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.income.figures import SALE_FIGURES, figure_column, value_of
from blueprints.income.filters import IncomeFilter
from blueprints.lists.columns import Column, On
from blueprints.lists.reports import Listing
from blueprints.nouns import income as bp
from core.access import allow, get_actor
from core.errors import N_, NotFound
from core.i18n import gettext as _
from core.pages.paging import Page
from domain.roles import INCOME_READERS
from queries.income.orders import OrderRow, find_order_books, orders_behind
from queries.income.report import sums_of
from queries.income.scope import IncomeScope

NOT_OF_ORDERS = ("weight_g", "orders", "compensation_fen")


class OrdersBehind(Listing):
    """The orders whose postings make up the figures of the same filter."""

    name, at, title = "income_orders", "income", N_("背后的订单")
    nothing = (N_("这段时间没有订单"), N_("换一段时间，或者换一样商品看看。"))
    template = "income/orders.html"
    counted = N_("共 %(total)s 单")
    columns = (
        Column("number", N_("订单号"), short=N_("订单")),
        Column("day", N_("日期")),
        *(figure_column(one) for one in SALE_FIGURES if one.name not in NOT_OF_ORDERS),
        Column(
            "postings",
            N_("分录"),
            words=lambda _row: _("看分录"),
            link=lambda row: url_for("income.postings", number=row.number),
            on=On.PAGE,
            cls="act",
        ),
    )
    sums = SALE_FIGURES
    has_foot = True
    form: IncomeFilter

    def find(self, page: int, per_page: int) -> Page[OrderRow]:
        return orders_behind(self.form.days, self.form.narrowing, page, per_page)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        sums = sums_of(self.form.days, self.form.narrowing)
        return {one.name: value_of(one.name, sums) for one in self.sums}

    @property
    def heading(self) -> str:
        """What they were chosen by."""
        chosen = (self.form.narrowing.village, self.form.narrowing.product)
        return " · ".join(place.name for place in chosen if place) or super().heading


@bp.get("/orders")
@allow(*INCOME_READERS)
def orders() -> ResponseReturnValue:
    """The orders behind the figures, in the format asked for."""
    return OrdersBehind(IncomeFilter()).answer()


@bp.get("/orders/<number>/postings")
@allow(*INCOME_READERS)
def postings(number: str) -> ResponseReturnValue:
    """Every posting of an order that the reader may see."""
    books = find_order_books(number, IncomeScope(get_actor()))
    if books is None:
        raise NotFound
    return render_template("income/postings.html", books=books)
