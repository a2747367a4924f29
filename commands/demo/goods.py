"""What the demo sells: a dozen products of Laiwu, with story, boxes and season."""

from dataclasses import dataclass

from domain.categories import Category


@dataclass(frozen=True)
class Goods:
    """A product: boxes are (斤, yuan) pairs; months are those it sells best in."""

    name: str
    category: Category
    village: str
    plot: str
    story: str
    boxes: tuple[tuple[float, float], ...]
    months: tuple[int, ...]
    weight: int = 3


GOODS = (
    Goods(
        "红心蜜薯",
        Category.SWEETPOTATO,
        "五色崖村",
        "东坡沙土地",
        "沙土地里长的，个头匀，蒸二十分钟就流糖。\n"
        "当天挖、当天装箱，四十八小时内发出。破损的拍张照就退，不用寄回。",
        ((5, 29.9), (10, 54.9), (20, 99.0)),
        (10, 11, 12, 1),
        9,
    ),
    Goods(
        "烟薯 25 号",
        Category.SWEETPOTATO,
        "南峪村",
        "南峪口梯田",
        "烤着吃最好，皮一撕就下来，芯子又软又黏。\n放阴凉处能存二十天，别进冰箱。",
        ((5, 32.9), (10, 59.9)),
        (10, 11, 12),
        5,
    ),
    Goods(
        "苗山大姜",
        Category.GINGER,
        "南峪村",
        "河西姜地",
        "地窖里存到开春也不糠，炖汤出味，切丝不柴。\n带泥发货，吃多少洗多少。",
        ((5, 32.9), (10, 61.9)),
        (10, 11, 12, 3),
        6,
    ),
    Goods(
        "小黄姜",
        Category.GINGER,
        "五色崖村",
        "崖下小块地",
        "个头小，辣味足，熬红糖姜茶就用它。\n一斤能切两大碗姜片。",
        ((3, 26.8), (5, 41.8)),
        (11, 12, 1, 2),
        3,
    ),
    Goods(
        "莱芜大蒜",
        Category.GARLIC,
        "南峪村",
        "村南水浇地",
        "晾干了才装袋，蒜瓣紧，捣蒜泥有劲儿。\n挂在通风处能吃半年。",
        ((5, 23.8), (10, 43.8)),
        (6, 7, 8),
        4,
    ),
    Goods(
        "紫皮蒜",
        Category.GARLIC,
        "五色崖村",
        "西洼地",
        "紫皮的比白皮的更辣，腌糖蒜不软。\n每袋都剪了须、去了泥。",
        ((5, 25.8),),
        (6, 7),
        2,
    ),
    Goods(
        "莱芜大葱",
        Category.SCALLION,
        "五色崖村",
        "河滩地",
        "葱白一尺多长，卷煎饼、蘸酱都脆。\n十斤一捆，捆好竖着放。",
        ((10, 27.9),),
        (10, 11),
        3,
    ),
    Goods(
        "南峪花椒",
        Category.PEPPER,
        "南峪村",
        "石堰上的老树",
        "石堰边上的老椒树，剪下来当天晒。\n抓一把能闻见一屋子香，麻得干净。",
        ((0.5, 34.8), (1, 66.0)),
        (8, 9, 10),
        4,
    ),
    Goods(
        "五色崖山楂",
        Category.HAWTHORN,
        "五色崖村",
        "后坡果园",
        "霜后才摘，肉厚面甜，做糖葫芦、熬山楂酱都好。\n有点小疤不影响吃。",
        ((5, 26.9), (10, 49.9)),
        (9, 10, 11),
        5,
    ),
    Goods(
        "山楂干",
        Category.HAWTHORN,
        "五色崖村",
        "后坡果园",
        "自家山楂切片晒的，没加糖。\n泡水、炖肉抓一把。",
        ((1, 22.8), (2, 42.8)),
        (12, 1, 2, 3, 4),
        2,
    ),
    Goods(
        "石堰小米",
        Category.MILLET,
        "南峪村",
        "石堰梯田",
        "石头垒的梯田，机器上不去，全靠人收。\n熬粥有米油，老人孩子都爱喝。",
        ((4, 38.0), (10, 89.0)),
        (10, 11, 12, 1, 2),
        3,
    ),
    Goods(
        "黑猪香肠",
        Category.PORK,
        "南峪村",
        "村合作养殖场",
        "莱芜黑猪的前腿肉，七分瘦三分肥，盐、酱油、花椒，别的没有。\n真空袋，冷藏三个月。",
        ((1, 68.0), (2, 129.0)),
        (12, 1, 2),
        3,
    ),
)

WAITING = Goods(
    "三辣一麻礼盒",
    Category.OTHER,
    "五色崖村",
    "五色崖村、南峪村",
    "姜、蒜、葱、花椒各一份，走亲戚拿得出手。",
    ((6, 88.0),),
    (1, 2),
)

DRAFT = Goods(
    "秋月梨",
    Category.OTHER,
    "五色崖村",
    "后坡果园",
    "",
    ((10, 59.0),),
    (9,),
)
