"""What the fields of a listing say together."""

from typing import TYPE_CHECKING, Any

from core.clock import today
from core.i18n import gettext as _
from core.pages.filters import yuan
from domain.catalogue import is_suspiciously_cheap
from domain.money import per_jin_fen

if TYPE_CHECKING:
    from blueprints.catalogue.forms import ListingForm
    from blueprints.catalogue.rows import BoxRow, DeliveryRow


def check_boxes(form: "ListingForm") -> None:
    """At least one box, and none that costs next to nothing by mistake."""
    filled = form.filled_boxes()
    if not filled:
        add_error(form.boxes[0].form.name, _("至少要写一个规格。"))
    for box in filled:
        if _is_too_cheap(form, box):
            form.asks_price = True
            cost = yuan(per_jin_fen(box.price.data, box.weight.data))
            add_error(
                box.price,
                _(
                    "合每斤 %(cost)s，太便宜了，是不是少写了一位？没写错就在下面打勾。",
                    cost=cost,
                ),
            )


def check_batch(form: "ListingForm") -> None:
    """A harvest has its day, and each of its families once, from the right place."""
    filled = form.filled_deliveries()
    day = form.harvested_on
    if (filled or form.plot.data) and not day.data and not day.errors:
        add_error(day, _("写了地块或交货，就要填哪天采收的。"))
    if day.data and day.data > today():
        add_error(day, _("这一天还没到，请填已经采收的日期。"))
    seen: set[str] = set()
    for row in filled:
        if row.farmer_id.data in seen:
            add_error(row.farmer_id, _("这一户上面写过了，请合成一行。"))
        elif row.farmer_id.data and not _is_family_of_origin(form, row):
            add_error(row.farmer_id, _("这一户不在所选的村或合作社，请重新选。"))
        seen.add(row.farmer_id.data)


def check_finished(form: "ListingForm") -> None:
    """What a listing needs before the lead looks at it."""
    if not form.story.data and not form.story.errors:
        add_error(form.story, _("送审前要写几句介绍：好在哪、怎么吃、怎么存。"))
    if not any(box.on_sale.data for box in form.filled_boxes()):
        add_error(form.boxes[0].form.name, _("至少要有一个规格打上“在卖”的勾。"))


def add_error(field: Any, text: str) -> None:
    """Add a sentence to what is wrong with a field."""
    field.errors = [*field.errors, text]


def _is_too_cheap(form: "ListingForm", box: "BoxRow") -> bool:
    if form.confirm_price.data or box.price.errors or box.weight.errors:
        return False
    return is_suspiciously_cheap(box.price.data, box.weight.data)


def _is_family_of_origin(form: "ListingForm", row: "DeliveryRow") -> bool:
    origin = (form.village_id.data, form.cooperative_id.data)
    return any(
        str(family.id) == row.farmer_id.data
        and origin == (str(family.village_id), str(family.cooperative_id))
        for family in form.choices.farmers
    )
