"""Training records: listed, entered, and taken through their lives."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.nouns import training as bp
from blueprints.training import words
from blueprints.training.access import ENTERERS, READERS, as_choice, may_enter_for
from blueprints.training.forms import MoveForm, RecordForm
from blueprints.training.portfolios import wanted_kind
from core.access import allow, get_actor
from core.database import transaction
from core.errors import DomainError, NotFound
from core.i18n import gettext as _
from core.i18n import say
from core.pages.paging import page_number
from domain.training import RecordState
from queries.training.members import every_member, possible_mentors, training_scope
from queries.training.records import RecordRow, find_record, records_in_scope, steps_of
from services import training


@bp.get("/records")
@allow(*READERS)
def records() -> ResponseReturnValue:
    """The records of every member in reach."""
    kind = wanted_kind()
    page = records_in_scope(
        training_scope(get_actor()), page_number(request.args.get("page")), kind=kind
    )
    return render_template(
        "training/records.html",
        page=page,
        kind=kind,
        words=words,
        may_enter=get_actor().has_role(*ENTERERS),
    )


@bp.route("/records/new", methods=["GET", "POST"])
@allow(*ENTERERS)
def new_record() -> ResponseReturnValue:
    """Enter a record."""
    form = RecordForm(data={"member": request.args.get("member", "")})
    person = get_actor()
    scope = training_scope(person, may_enter=True)
    others = [m for m in every_member(scope) if m.account_id != person.account_id]
    form.offer(as_choice(others), possible_mentors(scope))
    if form.validate_on_submit():
        try:
            with transaction():
                record_id = training.enter_record(form.to_draft(), person)
        except training.MentorMissing as error:
            form.mentor.errors = [say(error)]
        else:
            flash(_("登记好了。"), "ok")
            return redirect(url_for("training.record", record_id=record_id), 303)
    return render_template("training/record_form.html", form=form), form.status


@bp.get("/records/<id:record_id>")
@allow(*READERS)
def record(record_id: int) -> ResponseReturnValue:
    """A record, its history, and the steps that may follow."""
    return _page(_get(record_id), MoveForm())


@bp.post("/records/<id:record_id>/state")
@allow(*ENTERERS)
def move(record_id: int) -> ResponseReturnValue:
    """Take a record to its next state."""
    found, form = _get(record_id), MoveForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    state = RecordState(form.state.data)
    try:
        with transaction():
            training.move_record(record_id, state, form.reason.data, get_actor())
    except training.ReasonMissing as error:
        form.reason.errors = [say(error)]
        return _page(found, form), 422
    except DomainError as error:
        flash(say(error), "err")
        return _page(_get(record_id), MoveForm()), error.status
    flash(_("记下了：%(state)s。", state=_(words.STATES[state])), "ok")
    return redirect(url_for("training.record", record_id=record_id), 303)


def _get(record_id: int) -> RecordRow:
    found = find_record(record_id, training_scope(get_actor()))
    if found is None:
        raise NotFound
    return found


def _page(found: RecordRow, form: MoveForm) -> str:
    return render_template(
        "training/record.html",
        record=found,
        form=form,
        abilities=_("、").join(_(words.ABILITIES[one]) for one in found.abilities),
        steps=steps_of("training_record", [found.id]),
        may_enter=may_enter_for(found.account_id),
        words=words,
    )
