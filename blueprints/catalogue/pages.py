"""What the product page and its preview in the studio are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

from blueprints.catalogue.words import FEE_BEARERS, freight_words, split_of
from core.charts.bars import SplitBar
from core.clock import local_day, today
from core.i18n import gettext as _
from core.i18n import ngettext
from core.pages.filters import jin, local_date
from core.pages.pictures import qr_svg
from domain.catalogue import ListingState
from queries.catalogue.batches import Batch, Trace, find_trace
from queries.catalogue.products import ProductView
from queries.catalogue.shop import newest_batch_on_sale
from queries.cooperative import find_freight_policy, find_split_policy


@dataclass(frozen=True)
class Step:
    """One event of a timeline, as the component wants it."""

    title: str
    when: str = ""
    note: str = ""
    state: str = ""


@dataclass(frozen=True)
class Split:
    """Where the price of a box goes by today's rule."""

    chart: SplitBar
    version: int
    valid_from: str
    fee_bearer: object


def product_parts(product: ProductView, variant_id: int | None) -> dict[str, Any]:
    """The template's variables for one product; `variant_id` is the box asked for."""
    chosen = product.choose(variant_id)
    freight = find_freight_policy(product.cooperative_id, today())
    batch = product.batch
    return {
        "product": product,
        "chosen": chosen,
        "splits": _splits(product),
        "freight": freight_words(freight.rule) if freight else [],
        "batch": batch,
        "origin_steps": _origin_steps(batch, product) if batch else [],
        "batch_qr": batch_qr(batch.code) if batch else None,
    }


def batch_qr(code: str) -> Any:
    """The QR code that leads to a batch's trace page."""
    return qr_svg(f"{current_app.config['TIANBO'].public_url}/batches/{code}")


def newest_trace() -> dict[str, Any]:
    """The front page's example: the batch harvested last, nothing without one."""
    code = newest_batch_on_sale()
    trace = find_trace(code) if code else None
    if trace is None:
        return {"trace": None, "trace_qr": None, "trace_steps": []}
    return {
        "trace": trace,
        "trace_qr": batch_qr(trace.batch.code),
        "trace_steps": trace_steps(trace),
    }


def trace_steps(trace: Trace) -> Sequence[Step]:
    """A batch's way from the field into the shop, oldest first."""
    batch, product = trace.batch, trace.product
    listed_on = local_day(max(product.approved_at, batch.created_at))
    is_listed = product.state == ListingState.APPROVED
    return [
        *_harvest_steps(batch, product.village),
        Step(
            _("登记批次"),
            local_date(local_day(batch.created_at)),
            _("批次号 %(code)s", code=batch.code),
        ),
        Step(_("上架开卖"), local_date(listed_on), state="now" if is_listed else ""),
        *([] if is_listed else [Step(_("已经下架"))]),
    ]


def _splits(product: ProductView) -> dict[int, Split]:
    """Where the price of each box goes, by box; empty without a rule."""
    policy = find_split_policy(product.cooperative_id, today())
    if policy is None:
        return {}
    return {
        box.id: Split(
            chart=split_of(
                box.price_fen,
                policy.rule,
                alliance_id=product.alliance_id,
                village_id=product.village_id,
            ),
            version=policy.version,
            valid_from=local_date(policy.valid_from),
            fee_bearer=FEE_BEARERS[policy.rule.fee_bearer],
        )
        for box in product.boxes_on_sale
    }


def _origin_steps(batch: Batch, product: ProductView) -> Sequence[Step]:
    steps = _harvest_steps(batch, product.village)
    if product.approved_at is None:
        return steps
    listed_on = local_day(max(product.approved_at, batch.created_at))
    return [*steps, Step(_("上架开卖"), local_date(listed_on), state="now")]


def _harvest_steps(batch: Batch, village: str) -> list[Step]:
    where = f"{village} · {batch.plot}" if batch.plot else village
    steps = [Step(_("采收装筐"), local_date(batch.harvested_on), where)]
    if batch.deliveries:
        title = ngettext(
            "%(num)s 户交货 %(weight)s",
            "%(num)s 户交货 %(weight)s",
            len(batch.deliveries),
            weight=jin(batch.weight_g),
        )
        steps.append(Step(title, note=_families(batch)))
    return steps


def _families(batch: Batch) -> str:
    """Who delivered how much: by name where the family agreed, else counted."""
    words = [f"{each.family} {jin(each.weight_g)}" for each in batch.named]
    if batch.unnamed:
        words.append(_unnamed_words(batch, has_others=bool(words)))
    return str(_("，").join(words))


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
