"""The report, the orders behind a figure, and an order's postings."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.exports import (
    ReportFormat,
    csv_answer,
    json_answer,
    pdf_answer,
    wanted_format,
    xlsx_answer,
)
from blueprints.income import bp, files
from blueprints.income.access import READERS, sees_people
from blueprints.income.period import FilterForm, presets
from blueprints.income.view import ReportView, query_of, row_query
from blueprints.income.words import account_words, entry_words
from core.access import allow, get_actor
from core.errors import NotFound
from core.i18n import gettext as _
from core.paging import page_number
from queries.income import (
    SALE_FIGURES,
    Choices,
    FigureUnit,
    IncomeReport,
    IncomeScope,
    Narrowing,
    choices_in,
    find_order_books,
    income_report,
    income_scope,
    narrow,
    orders_behind,
    sums_of,
)

CSV_TABLES = {"rows": 0, "villages": 1, "figures": 2}
OF_ORDERS = [
    figure
    for figure in SALE_FIGURES
    if figure.unit is FigureUnit.FEN and figure.name != "compensation_fen"
]


@bp.get("")
@allow(*READERS)
def report() -> ResponseReturnValue:
    """Income per village and product of a period, in the format asked for."""
    wanted = wanted_format()
    choices, scope, form = _filter()
    narrowing = _narrowed(scope, choices, form)
    if form.period is None:
        return _refuse(wanted, choices, form)
    found = income_report(form.period, narrowing)
    view = ReportView(found, _title(found, choices))
    if wanted is ReportFormat.HTML:
        return _page(choices, form, view)
    return _file(wanted, view)


@bp.get("/orders")
@allow(*READERS)
def orders() -> ResponseReturnValue:
    """The orders whose postings make up the figures of the same filter."""
    choices, scope, form = _filter()
    narrowing = _narrowed(scope, choices, form)
    if form.period is None:
        return _orders_page(form, narrowing, page=None), 422
    page = orders_behind(form.period, narrowing, page_number(request.args.get("page")))
    return _orders_page(
        form, narrowing, page=page, totals=sums_of(form.period, narrowing)
    )


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


def _filter() -> tuple[Choices, IncomeScope, FilterForm]:
    scope = income_scope(get_actor())
    choices = choices_in(scope)
    return choices, scope, FilterForm(choices)


def _narrowed(scope: IncomeScope, choices: Choices, form: FilterForm) -> Narrowing:
    return narrow(
        scope,
        choices,
        cooperative=form.cooperative.data,
        village=form.village.data,
        product=form.product.data,
    )


def _title(found: IncomeReport, choices: Choices) -> str:
    """Whose report it is: what was chosen, else the only place there is."""
    chosen = found.narrowing
    own = choices.cooperatives if chosen.scope.cooperative_ids else choices.villages
    place = chosen.village or chosen.cooperative or (own[0] if len(own) == 1 else None)
    if place is None:
        return str(_("收入报表"))
    return str(_("%(place)s收入报表", place=place.name))


def _orders_page(form: FilterForm, narrowing: Narrowing, **found: Any) -> str:
    places = (narrowing.village, narrowing.product)
    named = " · ".join(place.name for place in places if place)
    names = [(_("订单"), ""), (_("日期"), "")]
    money = ReportView.columns("", OF_ORDERS)[1:]
    return render_template(
        "income/orders.html",
        form=form,
        query_of=query_of,
        heading=named or _("背后的订单"),
        period=form.period and files.days_words(form.period),
        figures=OF_ORDERS,
        columns=[*names, *money, (_("分录"), "act")],
        cells=ReportView.cells,
        **found,
    )


def _page(choices: Choices, form: FilterForm, view: ReportView | None) -> str:
    return render_template(
        "income/report.html",
        view=view,
        form=form,
        choices=choices,
        presets=presets(),
        query_of=query_of,
        row_query=row_query,
        sees_people=sees_people(),
    )


def _file(wanted: ReportFormat, view: ReportView) -> ResponseReturnValue:
    if wanted is ReportFormat.JSON:
        return json_answer(files.report_json(view.report))
    name = files.file_name(view.report)
    if wanted is ReportFormat.PDF:
        as_of = _("数据截至 %(moment)s", moment=view.as_of)
        html = render_template("print/income.html", view=view, as_of=as_of)
        return pdf_answer(html, name)
    document = files.report_document(view.report, view.title)
    if wanted is ReportFormat.XLSX:
        return xlsx_answer(document, name)
    table = CSV_TABLES.get(request.args.get("table", "rows"), 0)
    return csv_answer(document, name, table)


def _refuse(
    wanted: ReportFormat, choices: Choices, form: FilterForm
) -> ResponseReturnValue:
    """Answer dates that are no period: what was typed stays, with a sentence."""
    if wanted is ReportFormat.HTML:
        return _page(choices, form, None), 422
    wrong = {field.name: str(field.errors[0]) for field in form if field.errors}
    body = {"error": "invalid", "message": " ".join(wrong.values()), "fields": wrong}
    return json_answer(body, 422)
