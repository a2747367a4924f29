"""The demo's ground: a town, two villages, an alliance, its cooperative and rules."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from core.clock import now, today
from core.database import db
from domain.freight import FreightRule, FreightZone, to_json
from domain.shares import FeeBearer
from models.alliances import Alliance, AllianceCooperative, Brand, Town, Village
from models.cooperative import Cooperative, FreightPolicy, SplitPolicy

FOUNDED = date(2022, 3, 18)
NEAR = ("山东省",)
NEIGHBOURS = ("河南省", "河北省", "江苏省", "安徽省", "天津市", "北京市")
FAR = ("新疆维吾尔自治区", "西藏自治区", "青海省", "海南省", "内蒙古自治区")
UNREACHED = ("台湾省", "香港特别行政区", "澳门特别行政区")


@dataclass(frozen=True)
class Ground:
    """Ids of what everything else in the demo stands on."""

    town_id: int
    alliance_id: int
    cooperative_id: int
    villages: dict[str, int]


def lay_ground() -> Ground:
    """Create the town, its two villages, the alliance, cooperative and brand."""
    town = _kept(Town(name="苗山镇"))
    villages = {
        "五色崖村": _kept(Village(town_id=town, name="五色崖村", slug="wuseya")),
        "南峪村": _kept(Village(town_id=town, name="南峪村", slug="nanyu")),
    }
    alliance = _kept(
        Alliance(
            town_id=town,
            name="苗山镇青春党建联盟",
            slug="miaoshan",
            founded_on=FOUNDED,
        )
    )
    cooperative = _kept(
        Cooperative(
            town_id=town,
            name="五色崖果蔬农业专业合作社",
            slug="wuseya-coop",
            founded_on=FOUNDED + timedelta(days=75),
            phone="053176000000",
            bank_name="莱芜农村商业银行苗山支行（演示）",
            bank_account="9000 0000 0000 0317",
        )
    )
    _kept(
        AllianceCooperative(
            alliance_id=alliance,
            cooperative_id=cooperative,
            led_founding=True,
            since=FOUNDED + timedelta(days=75),
        )
    )
    _kept(Brand(name="五色崖", cooperative_id=cooperative, alliance_id=alliance))
    return Ground(town, alliance, cooperative, villages)


def set_rules(ground: Ground, *, accountant_id: int, chair_id: int) -> None:
    """Two versions of the split rule, the newer for a year, and the freight table."""
    shared = {
        "cooperative_id": ground.cooperative_id,
        "platform_bp": 200,
        "fee_bearer": FeeBearer.PLATFORM,
        "created_by": accountant_id,
        "approved_by": chair_id,
        "approved_at": now(),
    }
    first = {"host_bp": 1000, "village_bp": 400, "reserve_bp": 400}
    second = {"host_bp": 800, "village_bp": 500, "reserve_bp": 500}
    a_year_ago = today() - timedelta(days=365)
    _kept(SplitPolicy(version=1, valid_from=FOUNDED, **first, **shared))
    _kept(SplitPolicy(version=2, valid_from=a_year_ago, **second, **shared))
    _kept(
        FreightPolicy(
            cooperative_id=ground.cooperative_id,
            version=1,
            valid_from=FOUNDED,
            table=to_json(_freight()),
        )
    )


def _freight() -> FreightRule:
    zone = partial(FreightZone, first_weight_g=3000, step_g=1000)
    return FreightRule(
        zones=(
            zone(provinces=NEAR, first_fen=600, step_fen=100, free_over_fen=9900),
            zone(
                provinces=NEIGHBOURS, first_fen=800, step_fen=150, free_over_fen=19900
            ),
            zone(provinces=FAR, first_fen=2000, step_fen=800, free_over_fen=None),
        ),
        default_zone=zone(
            provinces=(), first_fen=1000, step_fen=200, free_over_fen=29900
        ),
        version=1,
        excluded=UNREACHED,
    )


def _kept(record: object) -> int:
    db.session.add(record)
    db.session.flush()
    return int(record.id)  # type: ignore[attr-defined]
