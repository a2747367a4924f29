"""Names for demo people: put together by chance, nobody's in particular."""

from collections.abc import Iterator
from random import Random

SURNAMES = "周吴郑孙刘陈杨黄赵徐胡马郭林何罗梁宋谢唐许韩冯邓曹彭曾萧田董"
GIVEN = (
    "晓雯 志强 翠兰 秀英 长河 玉芬 士德 桂花 建国 春梅 德福 海燕 庆丰 丽娟 文斌 "
    "雪梅 立新 金凤 永祥 素珍 家旺 月娥 保田 凤霞 兴邦 淑芹 满仓 巧云 振华 秋菊 "
    "广田 瑞芝 守业 爱莲 学民 彩霞 传福 冬梅 连喜 美玲"
).split()


def some_name(rng: Random) -> str:
    """A name that others may have too."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def fresh_names(rng: Random) -> Iterator[str]:
    """Names without end, none twice."""
    used: set[str] = set()
    while True:
        name = some_name(rng)
        if name not in used:
            used.add(name)
            yield name
