"""How the goods value of one order line is divided, refunded and charged.

Every division is largest remainder; ties go in the listed order: host, platform,
village, reserve, members.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import N_, Invalid
from domain.money import allocate, format_yuan
from domain.states import Labelled

WHOLE_BP = 10_000


class RuleOverWhole(Invalid):
    """A share is negative or the shares exceed the whole."""

    code = "rule_over_whole"
    message = N_("各方比例加起来不能超过 100%%，也不能是负数。")


class RefundTooLarge(Invalid):
    """More is to be refunded than is left."""

    code = "refund_too_large"
    message = N_("最多还能退 %(left)s，请把退款改小一些。")


class FeeBearer(Labelled):
    """Who bears the payment fee."""

    PLATFORM = "platform", N_("平台")
    COOPERATIVE = "cooperative", N_("合作社")
    HOST = "host", N_("主播所在联盟")
    VILLAGE = "village", N_("村集体")
    MEMBERS = "members", N_("农户")


class PartyKind(StrEnum):
    """Who may have a share; the value is the middle of the ledger account's code."""

    HOST_ALLIANCE = "host:alliance"
    HOST_USER = "host:user"
    PLATFORM = "platform"
    VILLAGE = "village"
    RESERVE = "reserve"
    MEMBER = "member"
    MEMBERS_UNASSIGNED = "members_unassigned"


@dataclass(frozen=True)
class Party:
    """Someone with a share; `id` is the alliance, user, village or farmer."""

    kind: PartyKind
    id: int | None = None


PLATFORM = Party(PartyKind.PLATFORM)
RESERVE = Party(PartyKind.RESERVE)
UNASSIGNED_MEMBERS = Party(PartyKind.MEMBERS_UNASSIGNED)
"""Holds the members' share while no delivery says whose it is."""


def alliance_host(alliance_id: int) -> Party:
    """The alliance whose session sold the line: the rule without a permission."""
    return Party(PartyKind.HOST_ALLIANCE, alliance_id)


def user_host(user_id: int) -> Party:
    """The host in person; only where permission is recorded."""
    return Party(PartyKind.HOST_USER, user_id)


def village(village_id: int) -> Party:
    """The collective of the village the goods come from."""
    return Party(PartyKind.VILLAGE, village_id)


def member(farmer_id: int) -> Party:
    """The farmer who delivered the goods."""
    return Party(PartyKind.MEMBER, farmer_id)


@dataclass(frozen=True, kw_only=True)
class SplitRule:
    """One version of a cooperative's split, in basis points of the goods value.

    The members have what the four shares leave. Raises RuleOverWhole.
    """

    host_bp: int
    platform_bp: int
    village_bp: int
    reserve_bp: int
    fee_bearer: FeeBearer

    def __post_init__(self) -> None:
        shares = (self.host_bp, self.platform_bp, self.village_bp, self.reserve_bp)
        if min(shares) < 0 or sum(shares) > WHOLE_BP:
            raise RuleOverWhole

    @property
    def members_bp(self) -> int:
        """What is left for the members, in basis points."""
        named = self.host_bp + self.platform_bp + self.village_bp + self.reserve_bp
        return WHOLE_BP - named


@dataclass(frozen=True)
class Line:
    """Who stands behind one order line.

    village_id: where the goods come from. host: None when nobody hosted the sale;
    the members then have the host's share. deliveries: grams per farmer of the
    batch, in the order in which ties are settled.
    """

    village_id: int
    host: Party | None
    deliveries: Mapping[int, int]


def split_sale(goods_fen: int, rule: SplitRule, line: Line) -> dict[Party, int]:
    """Divide a line's goods value, first by the rule, then among the members.

    goods_fen: fen, without freight. Returns fen per party in the listed order,
    summing to `goods_fen`; UNASSIGNED_MEMBERS stands for the members while no
    grams are known.
    Source: golden case “one order through the ledger”.
    """
    hosted = line.host is not None
    weights = [
        rule.host_bp if hosted else 0,
        rule.platform_bp,
        rule.village_bp,
        rule.reserve_bp,
        rule.members_bp + (0 if hosted else rule.host_bp),
    ]
    host_fen, *named_fen, members_fen = allocate(goods_fen, weights)
    parts = {line.host: host_fen} if line.host is not None else {}
    parts |= dict(
        zip((PLATFORM, village(line.village_id), RESERVE), named_fen, strict=True)
    )
    return parts | split_among_members(members_fen, line.deliveries)


def split_among_members(
    amount_fen: int, deliveries: Mapping[int, int]
) -> dict[Party, int]:
    """Divide fen among farmers by grams delivered, else leave it unassigned."""
    if not sum(deliveries.values()):
        return {UNASSIGNED_MEMBERS: amount_fen}
    parts = allocate(amount_fen, list(deliveries.values()))
    return dict(zip(map(member, deliveries), parts, strict=True))


def split_refund(amount_fen: int, remaining: Mapping[Party, int]) -> dict[Party, int]:
    """Divide a refund over what each party still has of the line.

    remaining: fen per party, non-negative, in the listed order. No part exceeds
    what the party has, so that refunds in any steps end at exactly zero.
    Raises RefundTooLarge when the parties together have less than `amount_fen`.
    """
    if amount_fen < 0:
        raise ValueError("a refund is not negative")
    left_fen = sum(remaining.values())
    if amount_fen > left_fen:
        raise RefundTooLarge(left=format_yuan(left_fen))
    if amount_fen == 0:
        return dict.fromkeys(remaining, 0)
    parts = allocate(amount_fen, list(remaining.values()))
    return dict(zip(remaining, parts, strict=True))


def split_fee(fee_fen: int, line_goods_fen: Sequence[int]) -> list[int]:
    """Divide an order's payment fee over its lines by goods value.

    Lines that are all given away share it evenly.
    Raises NothingToSplit when there is no line.
    """
    return allocate(
        fee_fen, line_goods_fen if any(line_goods_fen) else [1] * len(line_goods_fen)
    )


def bear_fee(fee_fen: int, rule: SplitRule, line: Line) -> dict[Party, int]:
    """Who bears a line's part of the payment fee, in fen per party.

    The members bear it by grams delivered. The cooperative bears it from its
    reserve, and so does a host where the line has none.
    """
    match rule.fee_bearer:
        case FeeBearer.PLATFORM:
            return {PLATFORM: fee_fen}
        case FeeBearer.VILLAGE:
            return {village(line.village_id): fee_fen}
        case FeeBearer.MEMBERS:
            return split_among_members(fee_fen, line.deliveries)
        case FeeBearer.HOST if line.host is not None:
            return {line.host: fee_fen}
        case _:
            return {RESERVE: fee_fen}
