"""The posts that a person holds, each with what waits there, as the page shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from flask import url_for

from blueprints.desk.work import DESKS, Desk, Wait
from core.access import Actor, Grant
from core.clock import now
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pages.filters import local_time
from domain.roles import Role
from queries.areas import names_of
from queries.desk import Tally, tally

SOON, NEAR = timedelta(hours=1), timedelta(days=2)
LAST = datetime.max.replace(tzinfo=UTC)
ICONS = {"haw": "circle-alert", "ginger": "triangle-alert", "leaf": "clock"}


@dataclass(frozen=True)
class Waiting:
    """A kind of work of which something waits. at: its deadline, or since when."""

    wait: Wait
    count: int
    at: datetime | None

    @property
    def href(self) -> str:
        """The list where it is done."""
        return url_for(self.wait.endpoint, **self.wait.args)

    @property
    def order(self) -> datetime:
        """What has waited longest comes first, then the next deadline."""
        return self.at or LAST

    @cached_property
    def left(self) -> timedelta | None:
        """Until the deadline; below zero after it, None without one."""
        if self.at is None or self.wait.within is None:
            return None
        return self.at - now()

    @property
    def tone(self) -> str:
        """Haw within an hour, ginger within two days or after two days of waiting."""
        if self.left is not None:
            return (
                "haw" if self.left < SOON else "ginger" if self.left < NEAR else "leaf"
            )
        return "ginger" if self.at and now() - self.at >= NEAR else "leaf"

    @property
    def icon(self) -> str:
        """The drawing beside the words of the tone."""
        return ICONS[self.tone]

    @property
    def time(self) -> tuple[str, str] | None:
        """How long it has or had, and the moment; None where there is none."""
        if self.at is None:
            return None
        moment = local_time(self.at)
        if self.left is None:
            waited = _("等了 %(span)s", span=span(now() - self.at))
            return waited, _("从 %(moment)s 起", moment=moment)
        if self.left < timedelta(0):
            return _("过了 %(span)s", span=span(-self.left)), _(
                "%(moment)s 已到点", moment=moment
            )
        return _("还剩 %(span)s", span=span(self.left)), _(
            "%(moment)s 到点", moment=moment
        )


@dataclass(frozen=True)
class Post:
    """A role in one place. waits: for this person; watches: only seen."""

    role: Role
    actor: Actor
    place: str
    key: str
    waits: Sequence[Waiting]
    watches: Sequence[Waiting]

    @property
    def count(self) -> int:
        """How many things wait."""
        return sum(waiting.count for waiting in self.waits)

    @property
    def desk(self) -> Desk:
        """What the role finds."""
        return desk_of(self.role)


def posts_of(actor: Actor) -> list[Post]:
    """Every post of a person, in the order of the roles. Two queries."""
    known = list(Role)
    grants = sorted(
        actor.grants, key=lambda one: (known.index(Role(one.role)), one.scope_id)
    )
    names = names_of(grants)
    works = [
        wait.work(_only(actor, grant), Role(grant.role))
        for grant in grants
        for wait in _all(grant)
    ]
    counted = iter(tally(works))
    return [_post(actor, grant, names, counted) for grant in grants]


def desk_of(role: Role) -> Desk:
    """What a role finds; some have no pages yet."""
    return DESKS.get(role, Desk())


def span(length: timedelta) -> str:
    """A length of time in its largest unit: 3 天, 5 小时, 12 分钟."""
    minutes = int(length.total_seconds()) // 60
    if minutes >= 2 * 24 * 60:
        days = minutes // (24 * 60)
        return str(ngettext("%(num)s 天", "%(num)s 天", days))
    if minutes >= 60:
        return str(ngettext("%(num)s 小时", "%(num)s 小时", minutes // 60))
    return str(ngettext("%(num)s 分钟", "%(num)s 分钟", minutes))


def _post(
    actor: Actor,
    grant: Grant,
    names: Mapping[tuple[str, int], str],
    counted: Iterator[Tally],
) -> Post:
    role = Role(grant.role)
    desk = desk_of(role)
    waits = _waiting(desk.waits, counted)
    watches = _waiting(desk.watches, counted)
    return Post(
        role,
        _only(actor, grant),
        names.get((grant.scope_kind, grant.scope_id), ""),
        f"{grant.scope_kind}-{grant.scope_id}",
        sorted(waits, key=lambda one: one.order),
        watches,
    )


def _waiting(waits: Sequence[Wait], counted: Iterator[Tally]) -> list[Waiting]:
    found = [(wait, next(counted)) for wait in waits]
    return [
        Waiting(wait, one.count, _moment(wait, one)) for wait, one in found if one.count
    ]


def _moment(wait: Wait, found: Tally) -> datetime | None:
    return found.at and found.at + (wait.within or timedelta(0))


def _all(grant: Grant) -> tuple[Wait, ...]:
    desk = desk_of(Role(grant.role))
    return (*desk.waits, *desk.watches)


def _only(actor: Actor, grant: Grant) -> Actor:
    """The person with that one post."""
    return replace(actor, grants=(grant,))
