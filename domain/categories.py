"""What the district grows: the shelves of the shop."""

from core.errors import N_
from domain.states import Labelled


class Category(Labelled):
    """A shelf; its value stands in addresses and names its drawing."""

    GINGER = "ginger", N_("生姜")
    GARLIC = "garlic", N_("大蒜")
    SCALLION = "scallion", N_("大葱")
    PEPPER = "pepper", N_("花椒")
    HAWTHORN = "hawthorn", N_("山楂")
    SWEETPOTATO = "sweetpotato", N_("蜜薯")
    PORK = "pork", N_("黑猪")
    MILLET = "millet", N_("小米")
    OTHER = "other", N_("其他")


def find_category(text: str) -> Category | None:
    """The shelf called `text`, by its value or its Chinese name."""
    found = (each for each in Category if text in (each.value, each.label))
    return next(found, None)


def categories_like(text: str) -> list[Category]:
    """Every shelf whose Chinese name holds `text` or is held by it: 大姜 is none."""
    if not text:
        return []
    return [each for each in Category if text in each.label or each.label in text]
