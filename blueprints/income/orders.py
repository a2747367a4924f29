"""The orders behind a figure, and an order's postings."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.exports import ReportFormat, refused_json, wanted_format
from blueprints.income.access import READERS
from blueprints.income.asked import Asked, asked, scope_facts, scope_json
from blueprints.income.files import KINDS, heading
from blueprints.income.view import ReportView, query_of
from blueprints.income.words import account_words, entry_words
from blueprints.lists import (
    MOST_ROWS,
    Field,
    ListReport,
    Total,
    list_answer,
    moment_words,
    span_words,
)
from blueprints.nouns import income as bp
from core.access import allow, get_actor
from core.clock import now
from core.errors import N_, NotFound
from core.i18n import gettext as _
from core.pages.paging import page_number
from domain.periods import Period
from queries.income.figures import SALE_FIGURES, Figure, FigureUnit
from queries.income.orders import find_order_books, orders_behind
from queries.income.report import sums_of, value_of
from queries.income.scope import income_scope

OF_ORDERS = [
    figure
    for figure in SALE_FIGURES
    if figure.unit is FigureUnit.FEN and figure.name != "compensation_fen"
]


@bp.get("/orders")
@allow(*READERS)
def orders() -> ResponseReturnValue:
    """The orders whose postings make up the figures of the same filter."""
    wanted, found = wanted_format(), asked()
    period = found.form.period
    if period is None and wanted is not ReportFormat.HTML:
        return refused_json(found.form)
    if period is None:
        return _page(found, page=None), 422
    if wanted is not ReportFormat.HTML:
        return list_answer(wanted, _report(found, period))
    page = orders_behind(period, found.narrowing, page_number(request.args.get("page")))
    return _page(found, page=page, totals=sums_of(period, found.narrowing))


@bp.get("/orders/<number>/postings")
@allow(*READERS)
def postings(number: str) -> ResponseReturnValue:
    """Every posting of an order that the reader may see."""
    books = find_order_books(number, income_scope(get_actor()))
    if books is None:
        raise NotFound
    return render_template(
        "income/postings.html",
        books=books,
        account_words=account_words,
        entry_words=entry_words,
    )


def _page(found: Asked, **parts: Any) -> str:
    places = (found.narrowing.village, found.narrowing.product)
    named = " · ".join(place.name for place in places if place)
    names = [(_("订单"), ""), (_("日期"), "")]
    money = ReportView.columns("", OF_ORDERS)[1:]
    period = found.form.period
    return render_template(
        "income/orders.html",
        form=found.form,
        query_of=query_of,
        heading=named or _("背后的订单"),
        period=span_words(period) if period else "",
        as_of=moment_words(now()),
        figures=OF_ORDERS,
        columns=[*names, *money, (_("分录"), "act")],
        cells=ReportView.cells,
        **parts,
    )


def _report(found: Asked, period: Period) -> ListReport:
    moment, sums = now(), sums_of(period, found.narrowing)
    page = orders_behind(period, found.narrowing, 1, MOST_ROWS)
    return ListReport(
        name="income_orders",
        title=_("背后的订单"),
        as_of=moment,
        period=period,
        scope=scope_json(found.narrowing, found.choices),
        about=scope_facts(found.narrowing, found.choices),
        fields=_fields(),
        rows=page.items,
        found=page.total,
        totals=[
            Total(
                figure.name,
                figure.label,
                value_of(figure.name, sums),
                figure.unit,
                figure.formula,
            )
            for figure in SALE_FIGURES
        ],
    )


def _fields() -> list[Field]:
    return [
        Field("number", N_("订单号"), lambda row: row.number),
        Field("day", N_("日期"), lambda row: row.day.isoformat()),
        *(_money_field(figure) for figure in OF_ORDERS),
    ]


def _money_field(figure: Figure) -> Field:
    return Field(
        figure.name,
        heading(figure),
        lambda row: value_of(figure.name, row.sums),
        KINDS[figure.unit],
    )
