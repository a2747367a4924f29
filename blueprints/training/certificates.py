"""Certificates: entered, withdrawn, and verified by anyone who scans them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.nouns import training as bp
from blueprints.training import words
from blueprints.training.access import ENTERERS, as_choice, get_member
from blueprints.training.forms import CertificateForm, RevokeForm
from core.access import allow, get_actor, public
from core.clock import today
from core.database import transaction
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import say
from queries.training.certificates import find_certificate, find_public_certificate
from queries.training.members import every_member, training_scope
from services import training


@bp.get("/certificates/<number>")
@public
def certificate(number: str) -> ResponseReturnValue:
    """Whether a certificate is genuine and counts today; the name is masked."""
    found = find_public_certificate(number.upper()) if number.isprintable() else None
    if found is None:
        page = render_template("training/certificate_unknown.html", number=number)
        return page, 404
    return render_template(
        "training/certificate.html",
        certificate=found.certificate,
        holder=words.masked(found.holder),
        validity=words.validity(found.certificate, today()),
        words=words,
        today=today(),
    )


@bp.route("/certificates/new", methods=["GET", "POST"])
@allow(*ENTERERS)
def new_certificate() -> ResponseReturnValue:
    """Register a certificate of a member in reach."""
    form = CertificateForm(data={"member": request.args.get("member", "")})
    person = get_actor()
    members = every_member(training_scope(person, may_enter=True))
    form.offer(as_choice(m for m in members if m.account_id != person.account_id))
    if form.validate_on_submit():
        draft = form.to_draft()
        try:
            with transaction():
                training.enter_certificate(draft, person)
        except training.CertificateNumberTaken as error:
            form.number.errors = [say(error)]
        else:
            flash(_("证书登记好了。"), "ok")
            target = url_for("training.member", account_id=draft.account_id)
            return redirect(target, 303)
    return render_template("training/certificate_form.html", form=form), form.status


@bp.route("/certificates/<id:certificate_id>/revoke", methods=["GET", "POST"])
@allow(*ENTERERS)
def revoke(certificate_id: int) -> ResponseReturnValue:
    """Withdraw a certificate, with a reason."""
    held = find_certificate(certificate_id)
    if held is None:
        raise NotFound
    member, form = get_member(held.account_id), RevokeForm()
    if form.validate_on_submit():
        with transaction():
            training.revoke_certificate(certificate_id, form.reason.data, get_actor())
        flash(_("证书收回了。"), "ok")
        target = url_for("training.member", account_id=held.account_id)
        return redirect(target, 303)
    page = render_template(
        "training/revoke.html", form=form, certificate=held, member=member, words=words
    )
    return page, form.status
