"""Training records: listed, entered, and taken through their lives."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.nouns import training as bp
from blueprints.training.forms import MoveForm, RecordForm
from blueprints.training.portfolios import wanted_kind
from core.access import allow, get_actor
from core.i18n import gettext as _
from core.pages.paging import page_number
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
from queries.training.records import get_record, records_in_scope
from services import training


@bp.get("/records")
@allow(*READERS)
def records() -> ResponseReturnValue:
    """The records of every member in reach."""
    kind, actor = wanted_kind(), get_actor()
    return render_template(
        "training/records.html",
        page=records_in_scope(actor, page_number(request.args.get("page")), kind=kind),
        kind=kind,
        kinds=RecordKind,
        icons=ICONS,
        may_enter=actor.has_role(*ENTERERS),
    )


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
