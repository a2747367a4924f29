"""Forms by which roles are offered and ended."""

from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from blueprints.fields import (
    ChoiceField,
    PhoneField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.access import Actor
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from domain.roles import Role, ScopeKind, givers_of
from models.register import Invitation
from queries.register import places_to_give


class InviteForm(Form):
    """Whom, to which role, and where."""

    request_id = RequestIdField()
    name = TextField(_l("姓名"), [Required(_l("请填姓名。"))], max_length=30)
    phone = PhoneField(_l("手机号"), [Required(_l("请填手机号。"))])
    role = ChoiceField(_l("岗位"), [Required(_l("请选岗位。"))])
    place = ChoiceField(_l("在哪里"), [Required(_l("请选在哪里。"))])

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        places = places_to_give(actor)
        kinds = {kind for kind, _id, _name in places}
        self.role.choices = [
            SelectChoice(role.value, _(role.label))
            for role in Role
            if role.demo and any(_gives(actor, role, kind) for kind in kinds)
        ]
        self.place.choices = [
            SelectChoice(f"{kind}:{area_id}", name or _("全区"))
            for kind, area_id, name in places
        ]

    def invitation(self) -> Invitation:
        """What was typed, as a new row."""
        kind, _colon, area_id = str(self.place.data).partition(":")
        return self.build(Invitation, scope_kind=kind, scope_id=int(area_id))


class EndForm(Form):
    """Why a role ends."""

    reason = TextField(
        _l("原因"), [Required(_l("请写明原因，几个字就行。"))], max_length=200
    )


class AnswerForm(Form):
    """A step with an invitation, of which nothing is to be typed."""


def _gives(actor: Actor, role: Role, kind: ScopeKind) -> bool:
    givers: Any = givers_of(role, kind)
    return kind in role.scopes and actor.has_role(*givers)
