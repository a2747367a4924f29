"""Freight: a first weight, then steps, by zone of provinces; free from a threshold."""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import N_, Invalid
from domain.regions import check_province, is_province

MAX_ZONES = 34
MAX_ZONE_WEIGHT_G = 1_000_000
MAX_ZONE_FEN = 10_000_000


class NoDelivery(Invalid):
    """The rule does not deliver to this province."""

    code = "no_delivery"
    field = "province"
    message = N_("这几样暂时送不到%(province)s，请换一个收货地址。")


class FreightFigureOutOfRange(Invalid):
    """A weight or price of a zone is not a sensible whole number."""

    code = "freight_figure_out_of_range"
    message = N_("运费规则里的重量要大于 0，价格不能是负数，也不能太大。")


class FreightZonesWrong(Invalid):
    """A zone is empty, names no province, or names one twice."""

    code = "freight_zones_wrong"
    message = N_("运费规则里每个省份只能出现一次，而且要写全称。")


class FreightRuleUnreadable(Invalid):
    """The stored or given rule has another shape than `to_json` writes."""

    code = "freight_rule_unreadable"
    message = N_("运费规则看不懂，请按表格重新填写。")


@dataclass(frozen=True, kw_only=True)
class FreightZone:
    """What one group of provinces pays.

    first_fen pays for the first `first_weight_g` grams, each begun `step_g` grams
    more costs step_fen; nothing is due when goods reach free_over_fen, if given.
    The zone for the rest of the country names no provinces.
    """

    provinces: tuple[str, ...]
    first_weight_g: int
    first_fen: int
    step_g: int
    step_fen: int
    free_over_fen: int | None = None

    def __post_init__(self) -> None:
        weights = (self.first_weight_g, self.step_g)
        prices = (self.first_fen, self.step_fen, self.free_over_fen or 0)
        if not all(0 < weight <= MAX_ZONE_WEIGHT_G for weight in weights):
            raise FreightFigureOutOfRange
        if not all(0 <= price <= MAX_ZONE_FEN for price in prices):
            raise FreightFigureOutOfRange


@dataclass(frozen=True)
class FreightRule:
    """One version of a cooperative's freight.

    default_zone: what provinces outside `zones` pay; None where they are not
    delivered to. excluded: provinces never delivered to.
    """

    zones: tuple[FreightZone, ...]
    default_zone: FreightZone | None
    version: int
    excluded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [name for zone in self.zones for name in zone.provinces]
        named += self.excluded
        if len(self.zones) > MAX_ZONES or len(named) != len(set(named)):
            raise FreightZonesWrong
        if not all(zone.provinces for zone in self.zones):
            raise FreightZonesWrong
        if not all(map(is_province, named)):
            raise FreightZonesWrong
        if self.default_zone and self.default_zone.provinces:
            raise FreightZonesWrong

    def zone_for(self, province: str) -> FreightZone:
        """The zone a province pays by. Raises UnknownProvince or NoDelivery."""
        check_province(province)
        for zone in self.zones:
            if province in zone.provinces:
                return zone
        if self.default_zone is None or province in self.excluded:
            raise NoDelivery(province=province)
        return self.default_zone


class FreightPartKind(StrEnum):
    """What one part of a quote is for."""

    FIRST = "first"
    STEPS = "steps"
    WAIVED = "waived"


@dataclass(frozen=True)
class FreightPart:
    """One part of a quote, for the page to put into words.

    first: the first `weight_g` grams cost `fen`. steps: `count` steps of
    `weight_g` grams cost `fen` together. waived: `fen`, negative, because goods
    reached the threshold.
    """

    kind: FreightPartKind
    weight_g: int
    count: int
    fen: int


@dataclass(frozen=True)
class FreightQuote:
    """The freight of one parcel; `parts` sum to `fen`.

    free_gap_fen: goods still missing for free freight, 0 once reached, None when
    the zone has no threshold.
    """

    fen: int
    parts: tuple[FreightPart, ...]
    free_gap_fen: int | None


def quote(
    rule: FreightRule, province: str, weight_g: int, *, goods_fen: int
) -> FreightQuote:
    """What sending `weight_g` grams of goods worth `goods_fen` fen costs.

    Raises UnknownProvince or NoDelivery.
    """
    zone = rule.zone_for(province)
    steps = max(0, -((zone.first_weight_g - weight_g) // zone.step_g))
    parts = [FreightPart(FreightPartKind.FIRST, zone.first_weight_g, 1, zone.first_fen)]
    if steps:
        parts.append(
            FreightPart(
                FreightPartKind.STEPS, zone.step_g, steps, steps * zone.step_fen
            )
        )
    fen = sum(part.fen for part in parts)
    gap = _free_gap_fen(zone, goods_fen)
    if gap == 0:
        parts.append(FreightPart(FreightPartKind.WAIVED, 0, 1, -fen))
        fen = 0
    return FreightQuote(fen, tuple(parts), gap)


def _free_gap_fen(zone: FreightZone, goods_fen: int) -> int | None:
    if zone.free_over_fen is None:
        return None
    return max(0, zone.free_over_fen - goods_fen)


def to_json(rule: FreightRule) -> dict[str, object]:
    """The rule as JSON values, for storing and for the form."""
    return {
        "version": rule.version,
        "zones": [_zone_to_json(zone) for zone in rule.zones],
        "default_zone": rule.default_zone and _zone_to_json(rule.default_zone),
        "excluded": list(rule.excluded),
    }


def _zone_to_json(zone: FreightZone) -> dict[str, object]:
    return vars(zone) | {"provinces": list(zone.provinces)}


def from_json(value: object) -> FreightRule:
    """The rule that `to_json` wrote.

    Raises FreightRuleUnreadable, FreightFigureOutOfRange or FreightZonesWrong.
    """
    match value:
        case {
            "version": int(version),
            "zones": list(zones),
            "default_zone": default,
            **rest,
        } if rest.keys() <= {"excluded"}:
            return FreightRule(
                zones=tuple(_zone_from_json(zone) for zone in zones),
                default_zone=None if default is None else _zone_from_json(default),
                version=version,
                excluded=_names(rest.get("excluded", [])),
            )
    raise FreightRuleUnreadable


def _zone_from_json(value: object) -> FreightZone:
    match value:
        case {
            "provinces": provinces,
            "first_weight_g": int(first_weight_g),
            "first_fen": int(first_fen),
            "step_g": int(step_g),
            "step_fen": int(step_fen),
            "free_over_fen": int() | None as free_over_fen,
        }:
            return FreightZone(
                provinces=_names(provinces),
                first_weight_g=first_weight_g,
                first_fen=first_fen,
                step_g=step_g,
                step_fen=step_fen,
                free_over_fen=free_over_fen,
            )
    raise FreightRuleUnreadable


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise FreightRuleUnreadable
