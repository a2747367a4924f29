"""Why a listing cannot be written or moved."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import N_, Conflict, Invalid


@dataclass(frozen=True)
class MovedStock:
    """A box whose stock changed while the form was open; `row` as in the draft."""

    row: int
    shown: int
    now: int


class StockMoved(Conflict):
    """Boxes were sold, or counted anew, since the form showed their stock."""

    code = "stock_moved"
    message = N_("填写的时候有货卖出去了，请看看新的库存再存一次。")

    def __init__(self, moved: Sequence[MovedStock]) -> None:
        super().__init__()
        self.moved = tuple(moved)


class ListingEdited(Conflict):
    """Someone else saved the listing, as `version`, while the form was open."""

    code = "listing_edited"
    message = N_(
        "%(who)s刚刚改过这件商品。您填的都还在，请核对后再存一次，会以您填的为准。"
    )


class ReviewOutdated(Conflict):
    """The lead read an older version than the one to be approved."""

    code = "review_outdated"
    message = N_("您看完以后这件商品又改过，请再看一遍再决定。")


class ListingUnfinished(Invalid):
    """Something a buyer needs is missing."""

    code = "listing_unfinished"
    message = N_("还不能送审：要写介绍，并且至少有一个在卖的规格。补上再送。")


class OriginFixed(Conflict):
    """Boxes were ordered, so the families behind them cannot be exchanged."""

    code = "origin_fixed"
    message = N_("这件商品已经有人下单，村和合作社不能再改。要换的话请另建一件商品。")
    field = "village_id"


class BatchFixed(Conflict):
    """Boxes of the batch were ordered: who delivered it is settled."""

    code = "batch_fixed"
    message = N_("这一批已经有人买了，交货记录不能再改。新收的请登记成新的一批。")
    field = "harvested_on"


class ForeignFamily(Invalid):
    """A family that does not deliver to this cooperative from this village."""

    code = "foreign_family"
    message = N_("交货的农户要是这个合作社、这个村的，请重新选。")
    field = "deliveries"


class ForeignOrigin(Invalid):
    """A village or cooperative that the alliance does not work with."""

    code = "foreign_origin"
    message = N_("村或合作社不在您联盟的名单里，请重新选。")
    field = "village_id"


class BoxMissing(Invalid):
    """A box size that buyers may have in their carts was taken out."""

    code = "box_missing"
    message = N_("卖过的规格不能删，不想卖了就把“在卖”的勾去掉。")
    field = "boxes"


class ReturnReasonMissing(Invalid):
    """A listing is never sent back without a word."""

    code = "reason_missing"
    message = N_("请写一句退回的原因，让成员知道怎么改。")
    field = "reason"
