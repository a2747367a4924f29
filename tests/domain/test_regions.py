"""Addresses as parcels need them."""

import pytest

from domain.regions import PROVINCES, address_line, place_parts


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (("山东省", "济南市", "莱芜区", "文化路"), "山东省济南市莱芜区文化路"),
        (("北京市", "北京市", "海淀区"), "北京市海淀区"),
        (("北京市", "北京市"), "北京市"),
        (("山东省", "Jinan", "Laiwu", "鹏泉路"), "山东省 Jinan Laiwu 鹏泉路"),
        (("山东省", "济南市", "莱芜区", "1 号楼"), "山东省济南市莱芜区 1 号楼"),
        (("山东省", "", "莱芜区"), "山东省莱芜区"),
    ],
)
def test_an_address_is_written_in_one_line(parts: tuple[str, ...], line: str) -> None:
    assert address_line(place_parts(*parts)) == line


def test_a_district_called_like_its_city_stays() -> None:
    assert place_parts("山东省", "济南市", "济南市") == ["山东省", "济南市", "济南市"]


def test_every_province_that_is_a_city_stands_once() -> None:
    for name in PROVINCES:
        assert address_line(place_parts(name, name)) == name
