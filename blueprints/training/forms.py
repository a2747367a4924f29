"""Forms of training records and certificates."""

import re
from collections.abc import Sequence
from typing import Any

from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError

from blueprints.fields import (
    ChoiceField,
    DayField,
    IntField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from domain.training import Ability, CertificateKind, RecordKind, RecordState
from queries.training.members import Member
from services.training import CertificateDraft, RecordDraft

MOST_HOURS = 2000
NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{2,38}[A-Z0-9]")


class AbilitiesField(SelectMultipleField):
    """Abilities ticked; at least one."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        if not self.data or not set(self.data) <= {one.value for one in Ability}:
            raise ValidationError(str(_l("至少勾一项：这次练的是什么本事。")))


class RecordForm(Form):
    """One training record of a member."""

    request_id = RequestIdField()
    member = ChoiceField(_l("给谁登记"), [Required(_l("请选成员。"))])
    kind = ChoiceField(_l("哪一类"), default=RecordKind.BUSINESS.value)
    title = TextField(_l("内容"), [Required(_l("请写一句学了或做了什么。"))])
    started_on = DayField(_l("开始日期"), [Required(_l("请填开始日期。"))])
    ended_on = DayField(_l("结束日期"))
    place = TextField(_l("地点"))
    hours = IntField(
        _l("课时"), [Required(_l("请填课时，没有就填 0。"))], maximum=MOST_HOURS
    )
    abilities = AbilitiesField(_l("练的本事"))
    mentor = ChoiceField(_l("谁来带"), default="")
    note = TextField(_l("备注"), max_length=1000)

    def offer(
        self, members: Sequence[Member], mentors: Sequence[tuple[int, str]]
    ) -> None:
        """The members and mentors one may choose from."""
        self.member.choices = _choices_of(members)
        self.kind.choices = _labels(RecordKind)
        self.abilities.choices = _labels(Ability)
        self.mentor.choices = [
            ("", _("不是帮带")),
            *((str(mentor_id), name) for mentor_id, name in mentors),
        ]

    def to_draft(self) -> RecordDraft:
        """What was typed, as the service takes it."""
        ticked = set(self.abilities.data)
        return RecordDraft(
            request_id=self.request_id.data,
            account_id=int(self.member.data),
            kind=RecordKind(self.kind.data),
            title=self.title.data,
            started_on=self.started_on.data,
            ended_on=self.ended_on.data,
            place=self.place.data,
            hours=self.hours.data,
            abilities=[one for one in Ability if one.value in ticked],
            mentor_id=int(self.mentor.data) if self.mentor.data else None,
            note=self.note.data,
        )


class MoveForm(Form):
    """The next state of a record, and why."""

    state = ChoiceField(
        _l("状态"), choices=[SelectChoice(state.value) for state in RecordState]
    )
    reason = TextField(_l("说明"), max_length=200)


class CertificateForm(Form):
    """One certificate of a member."""

    request_id = RequestIdField()
    member = ChoiceField(_l("发给谁"), [Required(_l("请选成员。"))])
    kind = ChoiceField(_l("证书种类"), default=CertificateKind.LIVE_HOST.value)
    number = TextField(_l("证书编号"), [Required(_l("请填编号。"))], max_length=40)
    issuer = TextField(_l("发证单位"), [Required(_l("请填发证单位。"))])
    valid_from = DayField(_l("从哪天起有效"), [Required(_l("请填日期。"))])
    valid_until = DayField(_l("到哪天为止"), [Required(_l("请填日期。"))])

    def offer(self, members: Sequence[Member]) -> None:
        """The members one may choose from."""
        self.member.choices = _choices_of(members)
        self.kind.choices = _labels(CertificateKind)

    def validate_number(self, field: Any) -> None:
        """Letters, digits and hyphens: the number stands in an address."""
        field.data = half_width(field.data).upper()
        if not NUMBER.fullmatch(field.data):
            raise ValidationError(
                str(_l("编号用 4 到 40 个字母、数字和短横线，例如 LW-2026-0912。"))
            )

    def to_draft(self) -> CertificateDraft:
        """What was typed, as the service takes it."""
        return CertificateDraft(
            request_id=self.request_id.data,
            account_id=int(self.member.data),
            kind=CertificateKind(self.kind.data),
            number=self.number.data,
            issuer=self.issuer.data,
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
        )


class RevokeForm(Form):
    """Why a certificate is withdrawn."""

    reason = TextField(_l("为什么收回"), [Required(_l("请写明原因。"))], max_length=200)


def half_width(text: str) -> str:
    """Full-width letters, digits and hyphens as ASCII; anything else stays."""
    return "".join(
        chr(ord(one) - 0xFEE0) if "！" <= one <= "～" else one for one in text
    )


def _choices_of(members: Sequence[Member]) -> list[tuple[str, str]]:
    """Members with their alliance, which tells apart those of one name."""
    named = ((str(one.account_id), f"{one.name} · {one.alliance}") for one in members)
    return [("", _("请选择")), *named]


def _labels(
    words: type[RecordKind | Ability | CertificateKind],
) -> list[tuple[str, str]]:
    return [(word.value, _(word.label)) for word in words]
