"""Portfolios: one's own, and those of the members in reach."""

from urllib.parse import urljoin

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.nouns import training as bp
from blueprints.training import words
from blueprints.training.access import READERS, get_member, may_enter_for
from core.access import allow, get_actor, signed_in
from core.charts.bars import Row, hbars
from core.charts.scale import Unit
from core.clock import today
from core.i18n import gettext as _
from core.i18n import ngettext, pgettext
from core.pages.paging import page_number
from core.pages.pictures import qr_svg
from domain.training import RecordKind
from queries.training.certificates import certificates_of
from queries.training.members import (
    Member,
    find_member,
    members_in_scope,
    training_scope,
)
from queries.training.records import (
    ability_sums,
    kind_sums,
    mentored_count,
    records_of,
    steps_of,
)

LONGEST_SEARCH = 40


@bp.get("")
@signed_in
def portfolio() -> ResponseReturnValue:
    """The portfolio of the person who asks."""
    person = get_actor()
    return _page(person.account_id, person.name, find_member(person.account_id, None))


@bp.get("/members")
@allow(*READERS)
def members() -> ResponseReturnValue:
    """The members whose portfolios the person may read."""
    name = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    page = page_number(request.args.get("page"))
    found = members_in_scope(training_scope(get_actor()), page, name=name)
    return render_template("training/members.html", page=found, q=name)


@bp.get("/members/<id:account_id>")
@allow(*READERS)
def member(account_id: int) -> ResponseReturnValue:
    """The portfolio of a member in reach."""
    found = get_member(account_id)
    return _page(account_id, found.name, found)


def _page(account_id: int, name: str, found: Member | None) -> str:
    kind = wanted_kind()
    certificates = certificates_of(account_id)
    return render_template(
        "training/portfolio.html",
        account_id=account_id,
        name=name,
        member=found,
        is_own=account_id == get_actor().account_id,
        may_enter=may_enter_for(account_id),
        kind=kind,
        kinds=kind_sums(account_id),
        guided=mentored_count(account_id),
        abilities=_abilities(account_id),
        records=records_of(
            account_id, page_number(request.args.get("page")), kind=kind
        ),
        certificates=[(one, words.validity(one, today())) for one in certificates],
        steps=steps_of("certificate", [one.id for one in certificates]),
        qr_of=certificate_qr,
        words=words,
    )


def wanted_kind() -> RecordKind | None:
    """The kind of records asked for; anything unknown means all."""
    wanted = request.args.get("kind", "")
    return RecordKind(wanted) if wanted in set(RecordKind) else None


def certificate_qr(number: str) -> object:
    """The QR code that leads to a certificate's public page."""
    path = url_for("training.certificate", number=number)
    return qr_svg(urljoin(current_app.config["TIANBO"].public_url, path))


def _abilities(account_id: int) -> object:
    tones = ("tuber", "leaf", "ginger", "buy")
    rows = [
        Row(
            ngettext(
                "%(ability)s · %(num)s 项",
                "%(ability)s · %(num)s 项",
                sums.count,
                ability=_(words.ABILITIES[ability]),
            ),
            sums.hours,
            tone,
        )
        for (ability, sums), tone in zip(
            ability_sums(account_id).items(), tones, strict=True
        )
    ]
    return hbars(rows, unit=Unit(pgettext("单位", "课时")))
