"""Who may do what: the roles held, the invitations to them, and one's own answer."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.forms import attempt
from blueprints.lists.columns import Column, On
from blueprints.lists.filters import Filter, OneOf
from blueprints.lists.reports import Listing
from blueprints.nouns import register as bp
from blueprints.register.forms import AnswerForm, EndForm, InviteForm
from core.access import allow, get_actor, signed_in
from core.clock import now
from core.database import AnyRow
from core.errors import N_
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pages.filters import mask_phone
from core.pages.paging import Page
from domain.register import InvitationState
from domain.roles import ROLE_GIVERS, ROLE_READERS, Role, ScopeKind, givers_of
from queries.register import (
    get_held_role,
    get_invitation,
    invitations_in,
    invitations_to,
    own_roles,
    roles_held,
)
from services import register

ROLE_WORDS = {role: role.label for role in Role}


def place_words(row: AnyRow) -> str:
    """Where a role is held; one of the district names no place."""
    return row.place or _("全区")


def may_end(row: AnyRow) -> bool:
    """Whether who reads the list may take this role away."""
    givers = givers_of(Role(row.role), ScopeKind(row.scope_kind))
    return row.revoked_at is None and get_actor().has_role(*givers)


def end_link(row: AnyRow) -> str:
    """Where a role is ended."""
    return url_for("register.end", grant_id=row.id)


def invitation_link(row: AnyRow) -> str:
    """Where an invitation is looked at."""
    return url_for("register.invitation", invitation_id=row.id)


ROLE, PLACE = (
    Column("role", N_("岗位"), get=lambda row: Role(row.role), words=ROLE_WORDS),
    Column("place", N_("在哪里"), words=place_words),
)
PHONE = Column("phone", N_("手机号"), get=lambda row: mask_phone(row.phone))


class RoleFilter(Filter):
    """The days on which roles were held, and which."""

    role = OneOf(_l("岗位"), ROLE_WORDS)


class RoleList(Listing):
    """Who holds which role in scope; with days chosen, who held it on one of them."""

    name, at, title = "roles", "roles", N_("岗位权限")
    lead = N_("谁能办什么事、从哪天起、谁给的。选了日期，就列那几天里在岗的人。")
    nothing = (N_("没有符合条件的人"), N_("换个日期，或看全部岗位。"))
    acts = (("register.new_invitation", N_("邀请人担任岗位")),)
    template, readers = "register/roles.html", ROLE_READERS
    form: RoleFilter
    columns = (
        Column("person", N_("姓名")),
        PHONE,
        ROLE,
        PLACE,
        Column("granted_at", N_("从")),
        Column("revoked_at", N_("到")),
        Column("giver", N_("谁给的")),
        Column(
            "end",
            N_("操作"),
            words=lambda row: _("结束") if may_end(row) else "",
            link=end_link,
            on=On.PAGE,
            cls="act",
        ),
    )

    def find(self, page: int, per_page: int) -> Page[AnyRow]:
        roles, period = self.form.role.chosen, self.form.period
        return roles_held(get_actor(), roles, period, page, per_page)


class InvitationList(Listing):
    """The invitations in scope and what came of them."""

    name, at, title = "invitations", "roles", N_("岗位邀请")
    lead = N_("请了谁、担任什么、答复了没有。七天没有答复就失效。")
    nothing = (N_("还没有邀请过人"), N_("请成员、会计这样的人进来，从这里开始。"))
    acts = (("register.new_invitation", N_("邀请人担任岗位")),)
    template, readers = "register/roles.html", ROLE_READERS
    columns = (
        Column("name", N_("姓名"), link=invitation_link),
        PHONE,
        ROLE,
        PLACE,
        Column("created_at", N_("哪天邀请")),
        Column("giver", N_("谁邀请")),
        Column("state", N_("状态"), get=lambda row: InvitationState(row.state)),
    )

    def find(self, page: int, per_page: int) -> Page[AnyRow]:
        return invitations_in(get_actor(), self.form.period, page, per_page)


@bp.get("/roles")
@allow(*ROLE_READERS)
def roles() -> ResponseReturnValue:
    """Who may do what in the reader's scope, in the format asked for."""
    return RoleList(RoleFilter()).answer()


@bp.route("/roles/<id:grant_id>/end", methods=["GET", "POST"])
@allow(*ROLE_GIVERS)
def end(grant_id: int) -> ResponseReturnValue:
    """Take a role from somebody."""
    held = get_held_role(grant_id, get_actor())
    said = _("岗位结束了，那个人的登录都已退出。")
    return _end_page(held, register.end_role, "register.roles", said)


@bp.route("/mine/<id:grant_id>/end", methods=["GET", "POST"])
@signed_in
def lay_down(grant_id: int) -> ResponseReturnValue:
    """Give up one's own role."""
    held = get_held_role(grant_id, get_actor(), own=True)
    said = _("您已卸下这个岗位，请重新登录。")
    return _end_page(held, register.lay_down, "register.mine", said)


@bp.get("/invitations")
@allow(*ROLE_READERS)
def invitations() -> ResponseReturnValue:
    """The invitations in the reader's scope, in the format asked for."""
    return InvitationList(Filter()).answer()


@bp.route("/invitations/new", methods=["GET", "POST"])
@allow(*ROLE_GIVERS)
def new_invitation() -> ResponseReturnValue:
    """Offer a role to who has a phone."""
    actor = get_actor()
    form = InviteForm(actor)
    done = attempt(form, lambda: register.invite(actor, form.invitation()))
    if done:
        flash(_("邀请记下了。"), "ok")
        return redirect(url_for("register.invitation", invitation_id=done.value), 303)
    return render_template("register/invite.html", form=form), form.status


@bp.get("/invitations/<id:invitation_id>")
@allow(*ROLE_READERS)
def invitation(invitation_id: int) -> ResponseReturnValue:
    """One invitation, and what may be done with it."""
    return _invitation_page(invitation_id, AnswerForm())


@bp.post("/invitations/<id:invitation_id>/second")
@allow(Role.DISTRICT_OFFICER)
def second(invitation_id: int) -> ResponseReturnValue:
    """Agree as the second officer of the district."""
    return _step(invitation_id, register.second, _("同意了，短信已经发给对方。"))


@bp.post("/invitations/<id:invitation_id>/withdraw")
@allow(*ROLE_GIVERS)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    return _step(invitation_id, register.withdraw, _("邀请收回了。"))


@bp.get("/mine")
@signed_in
def mine() -> ResponseReturnValue:
    """The invitations to the own phone."""
    return _own_page(AnswerForm())


@bp.post("/invitations/<id:invitation_id>/accept")
@signed_in
def accept(invitation_id: int) -> ResponseReturnValue:
    """Take up a role that was offered to the own phone."""
    said = _("您已经上岗，现在就能办事了。")
    return _reply(invitation_id, register.accept, said)


@bp.post("/invitations/<id:invitation_id>/decline")
@signed_in
def decline(invitation_id: int) -> ResponseReturnValue:
    """Say no to it."""
    return _reply(invitation_id, register.decline, _("好的，没有接受。"))


Step = Callable[[Any, int], None]


def _end_page(
    held: AnyRow, end_it: Callable[[Any, int, str], None], back: str, said: str
) -> ResponseReturnValue:
    form, actor = EndForm(), get_actor()
    if attempt(form, lambda: end_it(actor, held.id, form.reason.data)):
        flash(said, "ok")
        return redirect(url_for(back), 303)
    role, whence = Role(held.role), url_for(back)
    page = render_template(
        "register/end.html", form=form, held=held, role=role, whence=whence
    )
    return page, form.status


def _step(invitation_id: int, act: Step, said: str) -> ResponseReturnValue:
    form, actor = AnswerForm(), get_actor()
    if attempt(form, lambda: act(actor, invitation_id)):
        flash(said, "ok")
        address = url_for("register.invitation", invitation_id=invitation_id)
        return redirect(address, 303)
    return _invitation_page(invitation_id, form)


def _reply(invitation_id: int, act: Step, said: str) -> ResponseReturnValue:
    form, actor = AnswerForm(), get_actor()
    if attempt(form, lambda: act(actor, invitation_id)):
        flash(said, "ok")
        return redirect(url_for("accounts.me"), 303)
    return _own_page(form)


def _invitation_page(invitation_id: int, form: AnswerForm) -> ResponseReturnValue:
    actor = get_actor()
    shown = get_invitation(invitation_id, actor)
    page = render_template(
        "register/invitation.html",
        form=form,
        invitation=shown,
        role=Role(shown.role),
        state=InvitationState(shown.state),
        is_over=shown.expires_at <= now(),
        is_own=shown.account_id == actor.account_id,
    )
    return page, form.status


def _own_page(form: AnswerForm) -> ResponseReturnValue:
    actor = get_actor()
    page = render_template(
        "register/mine.html",
        form=form,
        waiting=invitations_to(actor),
        held=own_roles(actor),
        words=ROLE_WORDS,
    )
    return page, form.status
