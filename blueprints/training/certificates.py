"""Certificates: entered, withdrawn, and verified by anyone who scans them."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.forms import attempt
from blueprints.nouns import training as bp
from blueprints.training.forms import CertificateForm, RevokeForm
from core.access import allow, get_actor, public
from core.clock import today
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pages.filters import local_date
from core.pages.pictures import qr_svg
from domain.training import ENTERERS, CertificateDays, CertificateProblem
from queries.training.certificates import find_certificate_by_number, get_certificate
from queries.training.members import members_to_enter_for
from services import training


@dataclass(frozen=True)
class Validity:
    """Whether a certificate counts, in words and a colour."""

    text: str
    tone: str


@bp.get("/certificates/<number>")
@public
def certificate(number: str) -> ResponseReturnValue:
    """Whether a certificate is genuine and counts today; the name is masked."""
    known = number.isprintable()
    found = find_certificate_by_number(number.upper()) if known else None
    if found is None:
        page = render_template("training/certificate_unknown.html", number=number)
        return page, 404
    return render_template(
        "training/certificate.html",
        certificate=found,
        holder=_masked(found.holder),
        validity=validity(found, today()),
        today=today(),
    )


@bp.route("/certificates/new", methods=["GET", "POST"])
@allow(*ENTERERS)
def new_certificate() -> ResponseReturnValue:
    """Register a certificate of a member in reach."""
    form = CertificateForm(data={"member": request.args.get("member", "")})
    actor = get_actor()
    form.offer(members_to_enter_for(actor))
    if attempt(form, lambda: training.enter_certificate(actor, form.to_draft())):
        flash(_("证书登记好了。"), "ok")
        return redirect(url_for("training.member", account_id=form.member.data), 303)
    return render_template("training/certificate_form.html", form=form), form.status


@bp.route("/certificates/<id:certificate_id>/revoke", methods=["GET", "POST"])
@allow(*ENTERERS)
def revoke(certificate_id: int) -> ResponseReturnValue:
    """Withdraw a certificate, with a reason."""
    form, actor = RevokeForm(), get_actor()
    held = get_certificate(certificate_id, actor)
    if attempt(
        form,
        lambda: training.revoke_certificate(actor, certificate_id, form.reason.data),
    ):
        flash(_("证书收回了。"), "ok")
        return redirect(url_for("training.member", account_id=held.account_id), 303)
    page = render_template("training/revoke.html", form=form, certificate=held)
    return page, form.status


def validity(certificate: CertificateDays, on: date) -> Validity:
    """What a reader should know of a certificate on a day."""
    match certificate.find_problem(on):
        case CertificateProblem.REVOKED:
            day = local_date(certificate.revoked_on or on)
            return Validity(_("%(day)s 已收回", day=day), "haw")
        case CertificateProblem.NOT_YET:
            day = local_date(certificate.valid_from)
            return Validity(_("%(day)s 起生效", day=day), "ginger")
        case CertificateProblem.EXPIRED:
            day = local_date(certificate.valid_until)
            return Validity(_("%(day)s 已到期", day=day), "haw")
        case _:
            left = (certificate.valid_until - on).days
            words = ngettext("有效，还有 %(num)s 天", "有效，还有 %(num)s 天", left)
            return Validity(words, "leaf" if left > 30 else "ginger")


def certificate_qr(number: str) -> Markup:
    """The QR code that leads to a certificate's public page."""
    path = url_for("training.certificate", number=number)
    return qr_svg(urljoin(current_app.config["TIANBO"].public_url, path))


def _masked(name: str) -> str:
    """A name of which strangers see the first character only."""
    return name[:1] + "*" * max(1, len(name) - 1)
