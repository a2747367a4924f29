"""Portfolios: one's own, and those of the members in reach."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.nouns import training as bp
from blueprints.training.certificates import certificate_qr, validity
from core.access import allow, get_actor, signed_in
from core.charts.bars import HBars, Row, hbars
from core.charts.scale import Unit
from core.clock import today
from core.i18n import gettext as _
from core.i18n import ngettext, pgettext
from core.pages.paging import page_number
from domain.training import ICONS, READERS, CertificateState, RecordKind
from models.training import Certificate
from queries.history import steps_of
from queries.training.certificates import certificates_of
from queries.training.members import (
    Member,
    find_member,
    get_member,
    may_enter_for,
    members_in_scope,
)
from queries.training.records import (
    KindSum,
    ability_sums,
    kind_sums,
    mentored_count,
    records_of,
)

LONGEST_SEARCH = 40


@bp.get("")
@signed_in
def portfolio() -> ResponseReturnValue:
    """The portfolio of the person who asks."""
    person = get_actor()
    found = find_member(person.account_id, person)
    return _page(person.account_id, person.name, found)


@bp.get("/members")
@allow(*READERS)
def members() -> ResponseReturnValue:
    """The members whose portfolios the person may read."""
    name = request.args.get("q", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    page = page_number(request.args.get("page"))
    found = members_in_scope(get_actor(), page, name=name)
    return render_template("training/members.html", page=found, q=name)


@bp.get("/members/<id:account_id>")
@allow(*READERS)
def member(account_id: int) -> ResponseReturnValue:
    """The portfolio of a member in reach."""
    found = get_member(account_id, get_actor(), *READERS)
    return _page(account_id, found.name, found)


def _page(account_id: int, name: str, found: Member | None) -> str:
    actor, kind, kinds = get_actor(), wanted_kind(), kind_sums(account_id)
    certificates = certificates_of(account_id)
    guided = mentored_count(account_id)
    page = page_number(request.args.get("page"))
    return render_template(
        "training/portfolio.html",
        account_id=account_id,
        name=name,
        member=found,
        is_own=account_id == actor.account_id,
        may_enter=may_enter_for(account_id, actor),
        kind=kind,
        kinds=kinds,
        guided=guided,
        growth=_growth(kinds, guided),
        abilities=_abilities(account_id),
        records=records_of(account_id, page, kind=kind),
        certificates=[(one, validity(one, today())) for one in certificates],
        steps=steps_of(Certificate, [one.id for one in certificates]),
        states=CertificateState,
        icons=ICONS,
        qr_of=certificate_qr,
    )


def wanted_kind() -> RecordKind | None:
    """The kind of records asked for; anything unknown means all."""
    wanted = request.args.get("kind", "")
    return RecordKind(wanted) if wanted in set(RecordKind) else None


def _growth(kinds: Mapping[RecordKind, KindSum], guided: int) -> str:
    """What a member has done so far, in a sentence without marks or ranks."""
    done = [
        _("%(kind)s %(count)s 次", kind=_(kind.label), count=sums.count)
        for kind, sums in kinds.items()
        if sums.count
    ]
    if not done:
        return _("还没有记录，从一堂课、一次下村开始。")
    told: str = ngettext(
        "到现在参加了%(done)s，一共 %(num)s 课时。",
        "到现在参加了%(done)s，一共 %(num)s 课时。",
        sum(sums.hours for sums in kinds.values()),
        done=_("、").join(done),
    )
    if guided:
        told += ngettext("还带过 %(num)s 个人。", "还带过 %(num)s 个人。", guided)
    return told


def _abilities(account_id: int) -> HBars:
    rows = [
        Row(
            ngettext(
                "%(ability)s · %(num)s 项",
                "%(ability)s · %(num)s 项",
                sums.count,
                ability=_(ability.label),
            ),
            sums.hours,
            ability.tone,
        )
        for ability, sums in ability_sums(account_id).items()
    ]
    return hbars(rows, unit=Unit(pgettext("单位", "课时")))
