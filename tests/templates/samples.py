"""Made-up data for the style guide, the preview and the tests of components."""

from dataclasses import dataclass, field
from typing import Any

import segno
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Regexp

from core.charts.bars import Part, Row, hbars, split_bar
from core.charts.columns import Series, bar_chart
from core.charts.scale import Unit

WAN = Unit("万元", 1_000_000, 1)
YUAN = Unit("元", 100, 2)
PIECES = Unit("单")
MONTHS = [f"{month}月" for month in range(1, 12)]


@dataclass(frozen=True)
class NavItem:
    """A link of the desk's rail."""

    label: str
    icon: str
    href: str
    key: str


@dataclass(frozen=True)
class Step:
    """An event of a timeline."""

    title: str
    when: str = ""
    note: str = ""
    state: str = ""


@dataclass(frozen=True)
class Person:
    """Who is logged in."""

    name: str = "周晓雯"


@dataclass(frozen=True)
class Page:
    """The present page of a long list."""

    page: int = 3
    pages: int = 9
    total: int = 96

    has_prev = True
    has_next = True
    prev_num = 2
    next_num = 4

    def iter_pages(self, **edges: int) -> list[int | None]:
        """Page numbers with None for a gap."""
        return [1, 2, 3, 4, None, 9]


@dataclass(frozen=True)
class Product:
    """What a product card is given."""

    name: str
    image: str
    tone: str
    price_fen: int
    village: str
    spec: str
    sold: int
    href: str = "/products"
    sold_out: bool = field(default=False)


PRODUCTS = [
    Product(
        "苗山大姜", "ginger", "ginger", 3290, "苗山一村", "5 斤 · 合 ¥6.58/斤", 2310
    ),
    Product(
        "红心蜜薯", "sweetpotato", "tuber", 2990, "五色崖村", "5 斤 · 合 ¥5.98/斤", 1286
    ),
    Product("南峪花椒", "pepper", "haw", 3480, "南峪村", "半斤 · 合 ¥69.60/斤", 642),
    Product(
        "五色崖山楂",
        "hawthorn",
        "haw",
        2690,
        "五色崖村",
        "5 斤 · 合 ¥5.38/斤",
        917,
        sold_out=True,
    ),
]

RAIL = [
    NavItem("直播", "radio", "/live", "live"),
    NavItem("商品", "store", "/products", "goods"),
    NavItem("发货", "truck", "/studio", "ship"),
    NavItem("收入报表", "wallet", "/coop", "income"),
    NavItem("培训档案", "award", "/training", "training"),
]

TRACE = [
    Step("育苗下地", "4 月 6 日"),
    Step("采收装筐", "11 月 23 日", "吴翠兰，612 斤"),
    Step("发货", "今天 18:00 前", state="now"),
    Step("签收", state="todo"),
]


def choices(*names: str) -> Any:
    """Plain names as choices; WTForms' stubs only know pairs."""
    return list(names)


class DeliveryForm(Form):
    """One farmer's share of a batch."""

    farmer = StringField("农户", [InputRequired("请填农户。")])
    weight = StringField("净重", [Regexp(r"^[0-9.]+$", message="斤数只写数字。")])


class ListingForm(Form):
    """One of every kind of field."""

    request_id = HiddenField()
    name = StringField("商品名", [InputRequired("请填商品名。"), Length(max=20)])
    price = StringField("售价", [Regexp(r"^[0-9.]+$", message="售价只写数字。")])
    village = SelectField("村", choices=choices("苗山一村", "五色崖村"))
    picked_on = DateField("采收日期")
    story = TextAreaField("一句话介绍", [Length(max=200)])
    photos = MultipleFileField("照片")
    password = PasswordField("密码")
    place = RadioField(
        "在哪播",
        choices=choices("自己的直播间", "抖音"),
    )
    agreed = BooleanField("农户同意公示名字")
    deliveries = FieldList(FormField(DeliveryForm), label="交货")


WRONG = MultiDict(
    {
        "request_id": "5f2c",
        "name": "<b>苗山大姜</b>",
        "price": "三块二",
        "village": "五色崖村",
        "picked_on": "2026-11-23",
        "story": "地窖里存到开春也不糠。",
        "place": "抖音",
        "deliveries-0-farmer": "吴翠兰",
        "deliveries-0-weight": "六百",
        "deliveries-1-farmer": "",
        "deliveries-1-weight": "386",
    }
)


def wrong_form() -> ListingForm:
    """A form that came back with errors at every level."""
    form = ListingForm(WRONG)
    form.validate()
    return form


def income_chart() -> Any:
    """Three parties over eleven months, in fen."""
    farmers = [410, 560, 480, 520, 600, 690, 740, 830, 1040, 1390, 1430]
    village = [90, 120, 110, 120, 130, 150, 170, 190, 230, 310, 310]
    alliance = [40, 50, 50, 50, 60, 70, 70, 80, 100, 130, 130]
    return bar_chart(
        MONTHS,
        [
            Series("农户货款", [v * 10_000 for v in farmers], "leaf"),
            Series("村集体", [v * 10_000 for v in village], "tuber"),
            Series("联盟服务费", [v * 10_000 for v in alliance], "ginger"),
        ],
        unit=WAN,
        exact=YUAN,
    )


def loss_chart() -> Any:
    """A month of refunds makes a column hang below zero."""
    return bar_chart(
        ["8月", "9月", "10月", "11月"],
        [Series("净销售", [183_000, 0, -42_500, 96_000], "tuber")],
        unit=YUAN,
    )


def split() -> Any:
    """Where 29.90 yuan go; the platform pays four fen."""
    return split_bar(
        [
            Part("农户", 1864, "leaf", "到手"),
            Part("合作社", 330, "soil", "分拣、纸箱"),
            Part("村集体", 150, "tuber"),
            Part("主播与联盟", 210, "buy"),
            Part("快递", 436, "ginger", "省内均价"),
        ],
        unit=YUAN,
    )


def ranking() -> Any:
    """Products by net sales; one was returned more than it sold."""
    return hbars(
        [
            Row("苗山大姜", 38_200_000, "ginger", "/products"),
            Row("红心蜜薯", 27_600_000, "tuber"),
            Row("五色崖山楂", 18_400_000, "haw"),
            Row("南峪花椒", -2_100_000, "buy"),
        ],
        unit=WAN,
    )


def qr() -> Markup:
    """A QR code as inline SVG."""
    svg = segno.make("https://example.invalid/t/1123-0187", error="m").svg_inline(
        border=1, dark="#2b1f1a", omitsize=True
    )
    return Markup(svg)


def context() -> dict[str, Any]:
    """Everything that templates/components/styleguide.html shows."""
    return {
        "products": PRODUCTS,
        "trace": TRACE,
        "form": wrong_form(),
        "income": income_chart(),
        "loss": loss_chart(),
        "empty_chart": bar_chart([], [], unit=WAN),
        "split": split(),
        "ranking": ranking(),
        "page": Page(),
        "qr": qr(),
        "as_of": "数字截至 2026 年 11 月 24 日 8:00",
        "statement_lines": [
            ["10 月 8 日", "大姜", "386", "3.20", "1,235.20"],
            ["10 月 22 日", "红心蜜薯", "260", "2.10", "546.00"],
        ],
        "statement_foot": ["合计", "", "646", "", "1,781.20"],
        "statement_adjust": [
            ("交货金额", 178_120, ""),
            ("包装分摊", -8_400, "42 箱 × 2.00"),
        ],
    }
