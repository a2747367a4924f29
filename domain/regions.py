"""The 34 province-level regions, by their full Chinese names, in the usual order.

An order keeps the Chinese name, for that is what a parcel needs; pages in English
show its translation.
"""

from collections.abc import Sequence

from core.errors import N_, Invalid

PROVINCES: tuple[str, ...] = (
    N_("北京市"),
    N_("天津市"),
    N_("河北省"),
    N_("山西省"),
    N_("内蒙古自治区"),
    N_("辽宁省"),
    N_("吉林省"),
    N_("黑龙江省"),
    N_("上海市"),
    N_("江苏省"),
    N_("浙江省"),
    N_("安徽省"),
    N_("福建省"),
    N_("江西省"),
    N_("山东省"),
    N_("河南省"),
    N_("湖北省"),
    N_("湖南省"),
    N_("广东省"),
    N_("广西壮族自治区"),
    N_("海南省"),
    N_("重庆市"),
    N_("四川省"),
    N_("贵州省"),
    N_("云南省"),
    N_("西藏自治区"),
    N_("陕西省"),
    N_("甘肃省"),
    N_("青海省"),
    N_("宁夏回族自治区"),
    N_("新疆维吾尔自治区"),
    N_("香港特别行政区"),
    N_("澳门特别行政区"),
    N_("台湾省"),
)

_KNOWN = frozenset(PROVINCES)


class UnknownProvince(Invalid):
    """Not the full name of a province-level region."""

    code = "unknown_province"
    message = N_("请从列表里选省份，例如“山东省”。")


def is_province(name: str) -> bool:
    """Whether `name` is the full name of a province-level region."""
    return name in _KNOWN


def check_province(name: str) -> None:
    """Raise UnknownProvince unless `name` is a province-level region."""
    if not is_province(name):
        raise UnknownProvince


def place_parts(province: str, city: str, *rest: str) -> list[str]:
    """The parts of an address; a city that is its own province stands once."""
    own = city if city != province else ""
    return [part for part in (province, own, *rest) if part]


def address_line(parts: Sequence[str]) -> str:
    """An address as Chinese writes it: without gaps, but for Latin letters."""
    line = ""
    for part in parts:
        meets_latin = line[-1:].isascii() or part[:1].isascii()
        line += f" {part}" if line and meets_latin else part
    return line
