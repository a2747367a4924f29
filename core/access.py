"""Who acts, and the policy each endpoint must name."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from core.clock import now
from core.errors import N_, Forbidden, NeedsLogin
from core.i18n import gettext as _
from core.web.addresses import LONGEST_NEXT, address_parts
from core.web.error_pages import wants_json

FRESH_FOR = timedelta(minutes=30)
NOT_DONE = N_(
    "要先登录，刚才那一步还没办。登录以后连按两次“返回”，填好的都还在，再提交一次。"
)


@dataclass(frozen=True)
class Grant:
    """One role within one scope; the district's scope id is 0. Words: domain/roles."""

    role: str
    scope_kind: str
    scope_id: int


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, a browser that nobody logged in to, or the house itself.

    account_id: the person. visitor_id: the browser, whose orders from before a login
    stay open to it. is_house: a job or the payment provider, bound to no scope.
    """

    account_id: int | None = None
    visitor_id: int | None = None
    grants: tuple[Grant, ...] = ()
    is_house: bool = False

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds any of `roles` in any scope."""
        return any(grant.role in roles for grant in self.grants)

    def scope_ids(self, kind: str, *roles: str) -> frozenset[int]:
        """The ids of the scopes of `kind` in which the person holds one of `roles`."""
        return frozenset(
            grant.scope_id
            for grant in self.grants
            if grant.scope_kind == kind and grant.role in roles
        )

    def within(self, kind: str, scope_id: int) -> "Actor":
        """The same, with the roles held in that one scope only."""
        here = [
            grant
            for grant in self.grants
            if (grant.scope_kind, grant.scope_id) == (kind, scope_id)
        ]
        return replace(self, grants=tuple(here))


HOUSE = Actor(is_house=True)
NOBODY = Actor()
"""Who opens a page without having logged in or bought anything here."""


@dataclass(frozen=True, kw_only=True)
class SignedIn(Actor):
    """The logged-in person of this request.

    is_proven: the phone is theirs, by a code that was sent to it; without that there
    are no grants. by_code: this session was opened by such a code.
    """

    account_id: int
    name: str
    phone: str
    session_token: str
    confirmed_at: datetime
    by_code: bool = False
    is_proven: bool = True

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the session's token, never an id."""
        return self.session_token

    @property
    def is_fresh(self) -> bool:
        """Whether the password was typed a short while ago."""
        # A time to come is that of a clock which has been put back since.
        return abs(now() - self.confirmed_at) < FRESH_FOR

    @property
    def may_reset_password(self) -> bool:
        """Whether a code just proved who it is, so that no old password is asked."""
        return self.by_code and self.is_fresh


@dataclass(frozen=True)
class Policy:
    """What an endpoint asks of who calls it."""

    name: str
    needs_login: bool = True
    roles: frozenset[str] = frozenset()
    needs_fresh: bool = False

    def admits(self, actor: Actor | None) -> bool:
        """Whether someone may enter, perhaps after typing the password again."""
        if actor is None:
            return not self.needs_login
        return not self.roles or actor.has_role(*self.roles)


View = TypeVar("View", bound=Callable[..., ResponseReturnValue | Awaitable[Any]])
SessionLoader = Callable[[str], SignedIn | None]

PUBLIC = Policy("public", needs_login=False)
SIGNED_IN = Policy("signed in")


def public(view: View) -> View:
    """Anyone may call this view."""
    return _declare(view, PUBLIC)


def signed_in(view: View) -> View:
    """Anyone with an account may call this view."""
    return _declare(view, SIGNED_IN)


def allow(*roles: str, fresh: bool = False) -> Callable[[View], View]:
    """Holders of one of `roles` may call this view; what they see is scoped.

    fresh: the password must have been typed within FRESH_FOR (money moves).
    """
    policy = Policy("allow", roles=frozenset(roles), needs_fresh=fresh)
    return lambda view: _declare(view, policy)


def _declare(view: View, policy: Policy) -> View:
    view.tianbo_policy = policy  # type: ignore[attr-defined]
    return view


def find_actor() -> SignedIn | None:
    """The logged-in person, or None."""
    return current_user._get_current_object() if current_user else None


def get_actor() -> SignedIn:
    """The logged-in person of a view whose policy needs a login."""
    found = find_actor()
    if found is None:
        raise Forbidden()
    return found


def act_as(person: SignedIn) -> None:
    """Let this request be that person's: for jobs that they asked for."""
    g._login_user = person


class SessionsOnly(LoginManager):  # type: ignore[misc]
    """Flask-Login without its remember cookie.

    That cookie outlives the session's row, and one with a non-ASCII signature makes
    Flask-Login raise.
    """

    def _load_user_from_remember_cookie(self, cookie: str) -> None:
        return None

    def _update_remember_cookie(self, response: Response) -> Response:
        """Not to look: whoever reads the session makes an answer vary by cookie."""
        return response


def init_access(app: Flask, load_session: SessionLoader) -> None:
    """Guard every endpoint; `load_session` turns a session token into an Actor."""
    manager = SessionsOnly()
    manager.anonymous_user = lambda: None
    manager.session_protection = None
    manager.user_loader(load_session)
    manager.init_app(app)
    app.before_request(enforce_policy)


def policy_of(view: Callable[..., Any]) -> Policy | None:
    """The policy a view declares."""
    return getattr(view, "tianbo_policy", None)


def check_every_endpoint(app: Flask, exempt: Iterable[str] = ("static",)) -> None:
    """Refuse to start while an endpoint names no policy."""
    bare = [
        name
        for name, view in app.view_functions.items()
        if name not in exempt and policy_of(view) is None
    ]
    if bare:
        raise RuntimeError(f"endpoints without a policy: {', '.join(sorted(bare))}")


def enforce_policy() -> ResponseReturnValue | None:
    """Let the request through, send it to the login page, or refuse it.

    An endpoint without a policy was added after the check at start: refused.
    """
    if request.endpoint is None or request.endpoint == "static":
        return None
    policy = policy_of(current_app.view_functions[request.endpoint])
    if policy is None:
        raise Forbidden()
    if not policy.needs_login:
        return None
    person = find_actor()
    if person is None or (policy.needs_fresh and not person.is_fresh):
        return _to_login()
    if not policy.admits(person):
        raise Forbidden()
    return None


def _to_login() -> ResponseReturnValue:
    if wants_json():
        raise NeedsLogin()
    if request.method in ("GET", "HEAD"):
        back = request.full_path
    else:
        back = _page_before()
        flash(_(NOT_DONE), "warn")
    known = back.rstrip("?") if len(back) <= LONGEST_NEXT else None
    return redirect(url_for("accounts.login", next=known), 303)


def _page_before() -> str:
    """The path of the page whose form was sent; what was sent is to be sent again."""
    parts = address_parts(request.referrer)
    return f"{parts.path}?{parts.query}" if parts.netloc == request.host else "/"
