"""Invitations to a role: from the offer to the yes or no."""

from core.errors import N_, Conflict
from domain.states import Labelled, StateMachine, moves


class InvitationMoved(Conflict):
    """It was answered or withdrawn already."""

    code = "invitation_moved"
    message = N_("这个邀请已经有了结果，请刷新页面看最新状态。")


class InvitationState(Labelled):
    """From proposed, where a second officer must agree, to what came of it."""

    PROPOSED = "proposed", N_("等第二位组织员同意"), "ginger", "users"
    OPEN = "open", N_("等对方答复"), "ginger", "clock"
    ACCEPTED = "accepted", N_("已接受"), "leaf", "check"
    DECLINED = "declined", N_("对方没有接受"), "haw", "x"
    WITHDRAWN = "withdrawn", N_("已收回"), "haw", "x"


INVITATIONS = StateMachine(
    moves(
        proposed="open withdrawn",
        open="accepted declined withdrawn",
        accepted="",
        declined="",
        withdrawn="",
    ),
    InvitationMoved,
)
