"""The income report: its page and its files."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.exports import (
    ReportFormat,
    csv_answer,
    json_answer,
    pdf_answer,
    refused_json,
    wanted_format,
    xlsx_answer,
)
from blueprints.income import files
from blueprints.income.access import READERS, sees_people
from blueprints.income.asked import Asked, asked
from blueprints.income.period import presets
from blueprints.income.view import ReportView, query_of, row_query
from blueprints.nouns import income as bp
from core.access import allow
from core.i18n import gettext as _
from queries.income.report import IncomeReport, income_report
from queries.income.scope import Choices

CSV_TABLES = {"rows": 0, "villages": 1, "figures": 2}


@bp.get("")
@allow(*READERS)
def report() -> ResponseReturnValue:
    """Income per village and product of a period, in the format asked for."""
    wanted, found = wanted_format(), asked()
    period = found.form.period
    if period is None and wanted is not ReportFormat.HTML:
        return refused_json(found.form)
    if period is None:
        return _page(found, None), 422
    read = income_report(period, found.narrowing)
    view = ReportView(read, found.choices, _title(read, found.choices))
    if wanted is ReportFormat.HTML:
        return _page(found, view)
    return _file(wanted, view)


def _title(found: IncomeReport, choices: Choices) -> str:
    """Whose report it is: what was chosen, else the only place there is."""
    chosen = found.narrowing
    own = choices.cooperatives if chosen.scope.cooperative_ids else choices.villages
    place = chosen.village or chosen.cooperative or (own[0] if len(own) == 1 else None)
    if place is None:
        return str(_("收入报表"))
    return str(_("%(place)s收入报表", place=place.name))


def _page(found: Asked, view: ReportView | None) -> str:
    return render_template(
        "income/report.html",
        view=view,
        form=found.form,
        choices=found.choices,
        presets=presets(),
        query_of=query_of,
        row_query=row_query,
        sees_people=sees_people(),
    )


def _file(wanted: ReportFormat, view: ReportView) -> ResponseReturnValue:
    if wanted is ReportFormat.JSON:
        return json_answer(files.report_json(view.report, view.choices))
    name = files.file_name(view.report)
    if wanted is ReportFormat.PDF:
        as_of = _("数据截至 %(moment)s", moment=view.as_of)
        html = render_template("print/income.html", view=view, as_of=as_of)
        return pdf_answer(html, name)
    document = files.report_document(view.report, view.choices, view.title)
    if wanted is ReportFormat.XLSX:
        return xlsx_answer(document, name)
    table = CSV_TABLES.get(request.args.get("table", "rows"), 0)
    return csv_answer(document, name, table)
