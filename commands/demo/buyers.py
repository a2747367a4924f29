"""Who buys in the demo, and where it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from commands.demo.names import some_name

PLACES = (
    ("山东省", "济南市", "历下区", "解放路 112 号"),
    ("山东省", "济南市", "莱芜区", "胜利北路 36 号"),
    ("山东省", "泰安市", "泰山区", "东岳大街 208 号"),
    ("山东省", "青岛市", "市北区", "台东三路 17 号"),
    ("山东省", "聊城市", "东昌府区", "柳园南路 5 号"),
    ("山东省", "淄博市", "张店区", "共青团西路 88 号"),
    ("北京市", "北京市", "海淀区", "学院路 20 号院"),
    ("江苏省", "南京市", "鼓楼区", "汉中路 143 号"),
    ("河北省", "石家庄市", "长安区", "建设北大街 66 号"),
    ("上海市", "上海市", "杨浦区", "控江路 1500 弄"),
    ("广东省", "广州市", "天河区", "体育东路 33 号"),
    ("陕西省", "西安市", "雁塔区", "小寨东路 19 号"),
)
NEARNESS = (9, 7, 6, 6, 3, 4, 4, 3, 2, 3, 2, 1)


@dataclass(frozen=True)
class Address:
    """A recipient of a demo parcel."""

    recipient: str
    phone: str
    province: str
    city: str
    district: str
    street: str


def addresses(rng: Random) -> Iterator[Address]:
    """Recipients without end, most of them near."""
    while True:
        province, city, district, street = rng.choices(PLACES, NEARNESS)[0]
        home = f"{street} {rng.randint(1, 12)} 号楼 {rng.randint(101, 1802)} 室"
        phone = f"139{rng.randrange(10**8):08d}"
        yield Address(some_name(rng), phone, province, city, district, home)
