"""What the product page and its preview in the studio are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import current_app

from core.charts.bars import Part, SplitBar, split_bar
from core.charts.scale import Unit
from core.clock import local_day, today
from core.i18n import gettext as _
from core.i18n import ngettext, page_language, translated
from core.pages.filters import jin, local_date, yuan
from core.pages.pictures import qr_svg
from domain.catalogue import ListingState
from domain.freight import FreightRule, FreightZone
from domain.shares import (
    PLATFORM,
    RESERVE,
    UNASSIGNED_MEMBERS,
    Line,
    SplitRule,
    alliance_host,
    split_sale,
    village,
)
from queries.catalogue.batches import Batch, Trace, find_newest_trace
from queries.catalogue.products import Box, ProductView
from queries.cooperative import find_freight_policy, find_split_policy

MANY_PROVINCES = 6
MOST_RULES = 512
MOST_BARS = 4096


@dataclass(frozen=True)
class Milestone:
    """One line of a timeline, as templates/components/timeline.html wants it."""

    title: str
    when: str = ""
    note: str = ""
    state: str = ""


def product_parts(product: ProductView, variant_id: int | None) -> dict[str, Any]:
    """The template's variables for one product; `variant_id` is the box asked for."""
    chosen = product.choose(variant_id)
    freight = find_freight_policy(product.cooperative_id, today())
    split = find_split_policy(product.cooperative_id, today())
    batch = product.batch
    return {
        "product": product,
        "chosen": chosen,
        "split": split,
        "splits": tuple(
            (box.id, _split_bar(box, split.rule, product))
            for box in product.boxes_on_sale
            if split is not None
        ),
        "freight": _freight_words(freight.rule) if freight else (),
        "batch": batch,
        "origin_steps": _origin_steps(batch, product) if batch else (),
        "batch_qr": batch_qr(batch.code) if batch else None,
    }


def batch_qr(code: str) -> Any:
    """The QR code that leads to a batch's trace page."""
    return qr_svg(f"{current_app.config['TIANBO'].public_url}/batches/{code}")


def newest_trace() -> dict[str, Any]:
    """The front page's example: the batch harvested last, nothing without one."""
    trace = find_newest_trace()
    return {
        "trace": trace,
        "trace_qr": batch_qr(trace.batch.code) if trace else None,
        "trace_steps": trace_steps(trace) if trace else (),
    }


def trace_steps(trace: Trace) -> tuple[Milestone, ...]:
    """A batch's way from the field into the shop, oldest first."""
    batch, product = trace.batch, trace.product
    is_listed = product.state == ListingState.APPROVED
    return (
        *_harvest_steps(batch, product.village),
        Milestone(
            _("登记批次"),
            local_date(local_day(batch.created_at)),
            _("批次号 %(code)s", code=batch.code),
        ),
        _listing(batch, product.approved_at, "now" if is_listed else ""),
        *([] if is_listed else [Milestone(_("已经下架"))]),
    )


def _origin_steps(batch: Batch, product: ProductView) -> tuple[Milestone, ...]:
    steps = _harvest_steps(batch, product.village)
    if product.approved_at is not None:
        steps.append(_listing(batch, product.approved_at, "now"))
    return tuple(steps)


def _listing(batch: Batch, approved_at: datetime, state: str) -> Milestone:
    listed_on = local_day(max(approved_at, batch.created_at))
    return Milestone(_("上架开卖"), local_date(listed_on), state=state)


def _harvest_steps(batch: Batch, village: str) -> list[Milestone]:
    where = f"{village} · {batch.plot}" if batch.plot else village
    steps = [Milestone(_("采收装筐"), local_date(batch.harvested_on), where)]
    if batch.deliveries:
        title = ngettext(
            "%(num)s 户交货 %(weight)s",
            "%(num)s 户交货 %(weight)s",
            len(batch.deliveries),
            weight=jin(batch.weight_g),
        )
        steps.append(Milestone(title, note=_families(batch)))
    return steps


def _families(batch: Batch) -> str:
    """Who delivered how much: by name where the family agreed, else counted."""
    words = [f"{each.family} {jin(each.weight_g)}" for each in batch.named]
    if batch.unnamed:
        words.append(_unnamed_words(batch, has_others=bool(words)))
    return _("，").join(words)


def _unnamed_words(batch: Batch, *, has_others: bool) -> str:
    count, weight = len(batch.unnamed), jin(batch.unnamed_weight_g)
    if has_others:
        words = ngettext(
            "另有 %(num)s 户 %(weight)s",
            "另有 %(num)s 户 %(weight)s",
            count,
            weight=weight,
        )
    else:
        words = ngettext(
            "%(num)s 户共 %(weight)s", "%(num)s 户共 %(weight)s", count, weight=weight
        )
    return str(words)


def _split_bar(box: Box, rule: SplitRule, product: ProductView) -> SplitBar:
    """Where each yuan of a box goes by a rule, to the fen."""
    whose = product.village_id, product.alliance_id
    return _split_in(page_language(), box.price_fen, rule, *whose)


@lru_cache(MOST_BARS)
def _split_in(
    _language: str, price_fen: int, rule: SplitRule, village_id: int, alliance_id: int
) -> SplitBar:
    host = alliance_host(alliance_id)
    parts = split_sale(price_fen, rule, Line(village_id, host, {}))
    named = (
        (UNASSIGNED_MEMBERS, _("种它的农户"), "leaf", _("按交货斤数分")),
        (RESERVE, _("合作社"), "soil", _("公积金")),
        (village(village_id), _("村集体"), "tuber", _("记入村收入报表")),
        (host, _("青年联盟"), "buy", _("直播和上架")),
        (PLATFORM, _("田播平台"), "ginger", _("网站和服务器")),
    )
    shown = [
        Part(name, parts[party], tone, note)
        for party, name, tone, note in named
        if parts[party]
    ]
    return split_bar(shown, unit=Unit(_("元"), 100, 2))


def _freight_words(rule: FreightRule) -> tuple[str, ...]:
    """A freight rule as sentences, one a zone, nearest first."""
    return _freight_in(page_language(), rule)


@lru_cache(MOST_RULES)
def _freight_in(_language: str, rule: FreightRule) -> tuple[str, ...]:
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
    return tuple(lines)


def _places(provinces: Sequence[str]) -> str:
    few = _("、").join(map(translated, provinces[:MANY_PROVINCES]))
    if len(provinces) <= MANY_PROVINCES:
        return few
    return _("%(few)s等 %(count)s 个省份", few=few, count=len(provinces))


def _price(zone: FreightZone) -> str:
    if not zone.first_fen and not zone.step_fen:
        return _("包邮")
    words = _(
        "%(first)s以内 %(first_price)s，每多 %(step)s 加 %(step_price)s",
        first=jin(zone.first_weight_g),
        first_price=yuan(zone.first_fen),
        step=jin(zone.step_g),
        step_price=yuan(zone.step_fen),
    )
    if zone.free_over_fen is not None:
        words += _("，买满 %(amount)s 包邮", amount=yuan(zone.free_over_fen))
    return words
