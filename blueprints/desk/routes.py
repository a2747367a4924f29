"""Where whoever holds a role begins: what waits, the most urgent first."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.desk.posts import Post, Waiting, posts_of
from blueprints.nouns import desk as bp
from core.access import allow, get_actor
from core.clock import SHANGHAI, now, today
from core.errors import NotFound
from core.i18n import gettext as _
from core.pages.filters import local_weekday
from domain.roles import Role
from queries.desk import first_of
from queries.live.cards import sessions_of_today
from queries.register import invitations_to

HOURS = (5, 11, 13, 18)
"""Night, morning, noon, afternoon and evening begin and end at these."""


@bp.get("/desk")
@allow(*Role)
def index() -> ResponseReturnValue:
    """What waits in one post; the others are a tap away."""
    actor = get_actor()
    posts = posts_of(actor)
    post = _chosen(posts)
    return render_template(
        "desk/index.html",
        posts=posts,
        invited=len(invitations_to(actor)),
        post=post,
        first=_first(post),
        sessions=_sessions(post),
        links=[(what, href()) for what, href in post.desk.links],
        greeting=_greeting(),
        day=local_weekday(today()),
    )


@bp.get("/studio")
@allow(*Role)
def studio() -> ResponseReturnValue:
    """Who types the beginning of a studio's address means the desk."""
    return redirect(url_for("desk.index"), 303)


def _chosen(posts: Sequence[Post]) -> Post:
    """The post that the address names, else the first where something waits."""
    role, place = request.args.get("role"), request.args.get("place")
    if not role:
        return next((post for post in posts if post.waits), posts[0])
    for post in posts:
        if post.role == role and place in (None, post.key):
            return post
    raise NotFound()


def _first(post: Post) -> dict[str, Any] | None:
    """The most urgent thing itself, and its page."""
    if not post.waits:
        return None
    waiting = post.waits[0]
    row = first_of(waiting.wait.work(post.actor, post.role))
    return {"row": row, "href": _page_of(waiting, row.key)} if row else None


def _page_of(waiting: Waiting, key: object) -> str:
    if waiting.wait.one is None:
        return waiting.href
    endpoint, name = waiting.wait.one
    named: dict[str, Any] = {name: key}
    return url_for(endpoint, **named)


def _sessions(post: Post) -> list[dict[str, Any]]:
    address = post.desk.to_session
    if address is None:
        return []
    return [
        {"row": row, "href": address(row)}
        for row in sessions_of_today(post.actor, post.role)
    ]


def _greeting() -> str:
    hour = now().astimezone(SHANGHAI).hour
    words = (_("夜深了"), _("早上好"), _("中午好"), _("下午好"), _("晚上好"))
    return words[sum(hour >= begins for begins in HOURS)]
