"""Training records: listed, entered, and taken through their lives."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.lists.columns import Column, Sum
from blueprints.lists.filters import Filter, Tabs
from blueprints.lists.reports import Listing
from blueprints.nouns import training as bp
from blueprints.training.forms import MoveForm, RecordForm
from core.access import allow, get_actor
from core.errors import N_
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pages.paging import Page
from domain.states import labels
from domain.training import (
    ACTIONS,
    ENTERERS,
    ICONS,
    READERS,
    RecordKind,
    RecordState,
)
from models.training import TrainingRecord
from queries.history import steps_of
from queries.training.members import (
    may_enter_for,
    members_to_enter_for,
    possible_mentors,
)
from queries.training.records import (
    RecordRow,
    get_record,
    hours_in_scope,
    records_in_scope,
)
from services import training


class RecordFilter(Filter):
    """Days on which records begin, and their kind."""

    kind = Tabs(_l("种类"), labels(RecordKind))


class RecordList(Listing):
    """The records of every member in reach."""

    name, at, title = "training", "records", N_("培训登记")
    lead = N_("帮带、业务培训、一线锻炼，谁参加了、到了哪一步。")
    nothing = (N_("还没有培训记录"), N_("从一次帮带、一堂课开始登记。"))
    acts = (
        ("training.new_record", N_("登记培训")),
        ("training.new_certificate", N_("登记证书")),
    )
    template = "training/records.html"
    readers = READERS
    columns = (
        Column("member", N_("姓名")),
        Column("kind", N_("种类")),
        Column("title", N_("内容")),
        Column("place", N_("地点")),
        Column("started_on", N_("开始日期")),
        Column("ended_on", N_("结束日期")),
        Column("hours", N_("课时"), "number"),
        Column("abilities", N_("能力")),
        Column("mentor", N_("带教人")),
        Column("state", N_("状态")),
    )
    sums = (
        Sum("records", N_("记录数"), "records", formula=N_("符合条件的培训记录。")),
        Sum("hours", N_("课时合计"), "hours", formula=N_("这些记录的课时之和。")),
    )
    form: RecordFilter
    icons = ICONS

    @cached_property
    def chosen(self) -> Mapping[str, Any]:
        """The filter as the queries take it."""
        kinds, period = self.form.kind.chosen, self.form.period
        return {"actor": get_actor(), "kinds": kinds, "period": period}

    def find(self, page: int, per_page: int) -> Page[RecordRow]:
        return records_in_scope(**self.chosen, page=page, per_page=per_page)

    @cached_property
    def totals(self) -> Mapping[str, int]:
        return {"records": self.found, "hours": hours_in_scope(**self.chosen)}


@bp.get("/records")
@allow(*READERS)
def records() -> ResponseReturnValue:
    """The records of every member in reach, in the format asked for."""
    return RecordList(RecordFilter()).answer()


@bp.route("/records/new", methods=["GET", "POST"])
@allow(*ENTERERS)
def new_record() -> ResponseReturnValue:
    """Enter a record."""
    form = RecordForm(data={"member": request.args.get("member", "")})
    actor = get_actor()
    form.offer(members_to_enter_for(actor), possible_mentors(actor))
    done = attempt(form, lambda: training.enter_record(actor, form.to_draft()))
    if done:
        flash(_("登记好了。"), "ok")
        return redirect(url_for("training.record", record_id=done.value), 303)
    return render_template("training/record_form.html", form=form), form.status


@bp.get("/records/<id:record_id>")
@allow(*READERS)
def record(record_id: int) -> ResponseReturnValue:
    """A record, its history, and the steps that may follow."""
    return _page(record_id, MoveForm())


@bp.post("/records/<id:record_id>/state")
@allow(*ENTERERS)
def move(record_id: int) -> ResponseReturnValue:
    """Take a record to its next state."""
    form, actor = MoveForm(), get_actor()
    if attempt(
        form,
        lambda: training.move_record(
            actor, record_id, RecordState(form.state.data), form.reason.data
        ),
    ):
        label = _(RecordState(form.state.data).label)
        flash(_("记下了：%(state)s。", state=label), "ok")
        return redirect(url_for("training.record", record_id=record_id), 303)
    return _page(record_id, form), form.status


def _page(record_id: int, form: MoveForm) -> str:
    found = get_record(record_id, get_actor())
    return render_template(
        "training/record.html",
        record=found,
        form=form,
        abilities=_("、").join(_(ability.label) for ability in found.abilities),
        steps=steps_of(TrainingRecord, [found.id]),
        states=RecordState,
        actions=ACTIONS,
        may_enter=may_enter_for(found.account_id, get_actor()),
    )
