"""What the district grows: the shelves of the shop."""

from enum import StrEnum

from core.errors import N_


class Category(StrEnum):
    """A shelf; its value stands in addresses and names its drawing."""

    GINGER = "ginger"
    GARLIC = "garlic"
    SCALLION = "scallion"
    PEPPER = "pepper"
    HAWTHORN = "hawthorn"
    SWEETPOTATO = "sweetpotato"
    PORK = "pork"
    MILLET = "millet"
    OTHER = "other"


CATEGORY_NAMES: dict[Category, str] = {
    Category.GINGER: N_("生姜"),
    Category.GARLIC: N_("大蒜"),
    Category.SCALLION: N_("大葱"),
    Category.PEPPER: N_("花椒"),
    Category.HAWTHORN: N_("山楂"),
    Category.SWEETPOTATO: N_("蜜薯"),
    Category.PORK: N_("黑猪"),
    Category.MILLET: N_("小米"),
    Category.OTHER: N_("其他"),
}


def find_category(text: str) -> Category | None:
    """The shelf called `text`, by its value or its Chinese name."""
    for category, name in CATEGORY_NAMES.items():
        if text in (category.value, name):
            return category
    return None


def categories_like(text: str) -> list[Category]:
    """Every shelf whose Chinese name holds `text` or is held by it: 大姜 is none."""
    return [
        category
        for category, name in CATEGORY_NAMES.items()
        if text and (text in name or name in text)
    ]
