"""Kinds, states and abilities of training in words, with their colours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.errors import N_
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pages.filters import local_date
from domain.training import (
    Ability,
    CertificateKind,
    CertificateProblem,
    RecordKind,
    RecordState,
)
from queries.training.certificates import HeldCertificate
from queries.training.records import KindSum

KINDS = {
    RecordKind.MENTORING: N_("帮带"),
    RecordKind.BUSINESS: N_("业务培训"),
    RecordKind.PRACTICE: N_("一线锻炼"),
}
ICONS = {
    RecordKind.MENTORING: "users",
    RecordKind.BUSINESS: "book-open",
    RecordKind.PRACTICE: "sprout",
}
TONES = {
    RecordKind.MENTORING: "leaf",
    RecordKind.BUSINESS: "tuber",
    RecordKind.PRACTICE: "buy",
}
STATES = {
    RecordState.AGREED: N_("约好了"),
    RecordState.ACTIVE: N_("进行中"),
    RecordState.REVIEWED: N_("评过一次"),
    RecordState.COMPLETED: N_("带出师了"),
    RecordState.STOPPED: N_("中止了"),
    RecordState.ENROLLED: N_("报了名"),
    RecordState.ATTENDED: N_("到课了"),
    RecordState.PASSED: N_("合格"),
    RecordState.FAILED: N_("没通过"),
    RecordState.ABSENT: N_("没到课"),
    RecordState.ASSIGNED: N_("派下去了"),
    RecordState.REPORTED: N_("交了小结"),
    RecordState.CONFIRMED: N_("确认完成"),
}
MOVES = {
    RecordState.ACTIVE: N_("开始／继续"),
    RecordState.REVIEWED: N_("评一次"),
    RecordState.COMPLETED: N_("带出师"),
    RecordState.STOPPED: N_("中止"),
    RecordState.ATTENDED: N_("记到课"),
    RecordState.PASSED: N_("记合格"),
    RecordState.FAILED: N_("记没通过"),
    RecordState.ABSENT: N_("记没到课"),
    RecordState.REPORTED: N_("收到小结"),
    RecordState.CONFIRMED: N_("确认完成"),
}
DONE = (
    RecordState.COMPLETED,
    RecordState.PASSED,
    RecordState.CONFIRMED,
    RecordState.ATTENDED,
)
ABILITIES = {
    Ability.THEORY: N_("理论"),
    Ability.GOVERNANCE: N_("基层治理"),
    Ability.SERVICE: N_("服务群众"),
    Ability.ENTREPRENEURSHIP: N_("创新创业"),
}
CERTIFICATES = {
    CertificateKind.LIVE_HOST: N_("主播证"),
    CertificateKind.COURSE: N_("结业证"),
}
CERTIFICATE_STEPS = {"valid": N_("登记了"), "revoked": N_("收回了")}


@dataclass(frozen=True)
class Validity:
    """Whether a certificate counts, in words and a colour."""

    text: str
    tone: str


def validity(certificate: HeldCertificate, on: date) -> Validity:
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


def growth(kinds: Mapping[RecordKind, KindSum], guided: int) -> str:
    """What a member has done so far, in a sentence without marks or ranks."""
    done = [
        _("%(kind)s %(count)s 次", kind=_(KINDS[kind]), count=sums.count)
        for kind, sums in kinds.items()
        if sums.count
    ]
    if not done:
        return str(_("还没有记录，从一堂课、一次下村开始。"))
    hours = sum(sums.hours for sums in kinds.values())
    told = ngettext(
        "到现在参加了%(done)s，一共 %(num)s 课时。",
        "到现在参加了%(done)s，一共 %(num)s 课时。",
        hours,
        done=_("、").join(done),
    )
    if not guided:
        return str(told)
    return str(told) + str(
        ngettext("还带过 %(num)s 个人。", "还带过 %(num)s 个人。", guided)
    )


def masked(name: str) -> str:
    """A name of which strangers see the first character only."""
    return name[:1] + "*" * max(1, len(name) - 1)
