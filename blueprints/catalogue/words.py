"""Rules and states of the catalogue in a reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.charts.bars import Part, SplitBar, split_bar
from core.charts.scale import Unit
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.i18n import translated
from core.pages.filters import jin, yuan
from domain.catalogue import ListingState
from domain.categories import CATEGORY_NAMES, Category, find_category
from domain.freight import FreightRule, FreightZone
from domain.shares import (
    PLATFORM,
    RESERVE,
    UNASSIGNED_MEMBERS,
    FeeBearer,
    Line,
    SplitRule,
    alliance_host,
    split_sale,
    village,
)


@dataclass(frozen=True)
class StateWords:
    """A listing's state for a badge: its word, field colour and icon."""

    name: object
    tone: str
    icon: str


STATES = {
    ListingState.DRAFT: StateWords(_l("草稿"), "", "clipboard-list"),
    ListingState.SUBMITTED: StateWords(_l("待审核"), "ginger", "clock"),
    ListingState.APPROVED: StateWords(_l("在店里"), "leaf", "check"),
    ListingState.REJECTED: StateWords(_l("退回了"), "haw", "circle-alert"),
    ListingState.WITHDRAWN: StateWords(_l("已下架"), "", "x"),
}

FEE_BEARERS = {
    FeeBearer.PLATFORM: _l("平台"),
    FeeBearer.COOPERATIVE: _l("合作社"),
    FeeBearer.HOST: _l("主播所在联盟"),
    FeeBearer.VILLAGE: _l("村集体"),
    FeeBearer.MEMBERS: _l("农户"),
}

MANY_PROVINCES = 6


def category_name(value: str) -> str:
    """The name of a shelf in the page's language."""
    shelf = find_category(value) or Category.OTHER
    return str(_(CATEGORY_NAMES[shelf]))


def state_words(state: str) -> StateWords:
    """How a listing's state is shown."""
    return STATES[ListingState(state)]


def change_words(before: str | None, after: str) -> str:
    """What happened when a listing went from one state to another."""
    if (before, after) == (ListingState.APPROVED, ListingState.SUBMITTED):
        return str(_("改了内容，重新送审"))
    happened = {
        ListingState.DRAFT: _("写了草稿"),
        ListingState.SUBMITTED: _("送审了"),
        ListingState.APPROVED: _("通过，上架"),
        ListingState.REJECTED: _("退回"),
        ListingState.WITHDRAWN: _("下架了"),
    }
    return str(happened[ListingState(after)])


def split_of(
    price_fen: int, rule: SplitRule, *, alliance_id: int, village_id: int
) -> SplitBar:
    """Where each yuan of a box goes by a rule, to the fen."""
    line = Line(village_id, alliance_host(alliance_id), {})
    parts = split_sale(price_fen, rule, line)
    named = (
        (UNASSIGNED_MEMBERS, _("种它的农户"), "leaf", _("按交货斤数分")),
        (RESERVE, _("合作社"), "soil", _("公积金")),
        (village(village_id), _("村集体"), "tuber", _("记入村收入报表")),
        (alliance_host(alliance_id), _("青年联盟"), "buy", _("直播和上架")),
        (PLATFORM, _("田播平台"), "ginger", _("网站和服务器")),
    )
    return split_bar(
        [
            Part(name, parts[party], tone, note)
            for party, name, tone, note in named
            if parts[party]
        ],
        unit=Unit(_("元"), 100, 2),
    )


def freight_words(rule: FreightRule) -> Sequence[str]:
    """A freight rule as sentences, one a zone, nearest first."""
    lines = [
        _("%(places)s：%(price)s", places=_places(zone.provinces), price=_price(zone))
        for zone in rule.zones
    ]
    if rule.default_zone is not None:
        where = _("其他省份") if rule.zones else _("全国")
        price = _price(rule.default_zone)
        lines.append(_("%(places)s：%(price)s", places=where, price=price))
    unreached = _places(rule.excluded)
    if rule.default_zone is None:
        lines.append(_("其他地方暂时送不到"))
    elif unreached:
        lines.append(_("%(places)s暂时送不到", places=unreached))
    return lines


def _places(provinces: Sequence[str]) -> str:
    few = _("、").join(map(translated, provinces[:MANY_PROVINCES]))
    if len(provinces) <= MANY_PROVINCES:
        return str(few)
    return str(_("%(few)s等 %(count)s 个省份", few=few, count=len(provinces)))


def _price(zone: FreightZone) -> str:
    if not zone.first_fen and not zone.step_fen:
        return str(_("包邮"))
    words = _(
        "%(first)s以内 %(first_price)s，每多 %(step)s 加 %(step_price)s",
        first=jin(zone.first_weight_g),
        first_price=yuan(zone.first_fen),
        step=jin(zone.step_g),
        step_price=yuan(zone.step_fen),
    )
    if zone.free_over_fen is not None:
        words += _("，买满 %(amount)s 包邮", amount=yuan(zone.free_over_fen))
    return str(words)
