"""Rows of the listing form: boxes, deliveries and photos."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from wtforms import BooleanField, FieldList, HiddenField
from wtforms import Form as BaseForm
from wtforms.validators import ValidationError

from blueprints.catalogue.photos import read_photo
from blueprints.fields import (
    ChoiceField,
    IdField,
    IntField,
    JinField,
    MoneyField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.i18n import lazy_gettext as _l
from domain.pricing import MAX_PRICE_FEN
from integrations.storage import StoredPhoto

MOST_STOCK = 999_999
HEAVIEST_BOX_G = 500_000
HEAVIEST_DELIVERY_G = 50_000_000


class RowList(FieldList):  # type: ignore[type-arg] # generic only in its stubs
    """A list of rows whose numbers come from the names of its fields."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """WTForms would let '³' and endless numbers through to int()."""
        start = f"{prefix}-"
        for name in formdata:
            number = name.removeprefix(start).split("-", 1)[0]
            if not name.startswith(start) or not number.isascii():
                continue
            if number.isdigit() and len(number) <= 4:
                yield int(number)

    def move(self, place: int, *, to_front: bool) -> None:
        """Take a row out, or make it the first one."""
        row = self.entries.pop(place)
        if to_front:
            self.entries.insert(0, row)
        self._compact_indices()  # type: ignore[attr-defined] # newer than the stubs

    def keep_only(self, is_wanted: Callable[[Any], bool]) -> None:
        """Drop the rows whose form is not wanted."""
        for place in reversed(range(len(self.entries))):
            if not is_wanted(self.entries[place].form):
                self.move(place, to_front=False)

    def gather_errors(self) -> None:
        """Take over errors that were found after the rows were validated."""
        errors = [entry.errors for entry in self.entries]
        self.errors = errors if any(errors) else []


class RowForm(BaseForm):
    """One row; a blank one counts as not being there."""

    Meta = Form.Meta
    typed: tuple[str, ...] = ()
    """The fields that make a row count once one of them is filled in."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written in the row."""
        fields: list[Any] = [self[name] for name in self.typed]
        return not any(field._value().strip() for field in fields)

    def validate(self, extra_validators: Any = None) -> bool:
        """A blank row is always right."""
        return self.is_blank or bool(super().validate(extra_validators))


class Filled(Required):
    """Required within a row that counts; a blank row is not marked as required."""

    field_flags: ClassVar[dict[str, Any]] = {}


class BoxRow(RowForm):
    """A box size with its price and stock; `stock_was` is what the form showed."""

    typed = ("name", "weight", "price", "stock")

    id = IdField()
    name = TextField(
        _l("规格名"), [Filled(_l("请给这个规格起个名，例如“5 斤装”。"))], max_length=20
    )
    weight = JinField(_l("净重"), [Filled(_l("请填净重，按净重算每斤多少钱。"))])
    price = MoneyField(_l("售价"), [Filled(_l("请填一箱卖多少钱。"))])
    stock = IntField(
        _l("库存"), [Filled(_l("请填有多少箱能卖，没有就填 0。"))], maximum=MOST_STOCK
    )
    stock_was = IntField(maximum=MOST_STOCK)
    on_sale = BooleanField(_l("在卖"), default=True)

    def validate_weight(self, field: JinField) -> None:
        """A box has a weight that a parcel can have."""
        if field.data is not None and not 0 < field.data <= HEAVIEST_BOX_G:
            raise ValidationError(str(_l("净重要大于 0，最多 1,000 斤，请核对。")))

    def validate_price(self, field: MoneyField) -> None:
        """A box costs something, and not more than one order may."""
        if field.data is not None and not 0 < field.data <= MAX_PRICE_FEN:
            raise ValidationError(str(_l("售价要大于 0，最多 100,000 元，请核对。")))


class DeliveryRow(RowForm):
    """What one family delivered."""

    typed = ("farmer_id", "weight")

    farmer_id = ChoiceField(_l("农户"), choices=[])
    weight = JinField(_l("交货"), [Filled(_l("请填这户交了多少斤。"))])

    @property
    def is_blank(self) -> bool:
        """A chosen family counts, the empty choice does not."""
        return not self.farmer_id.data and not self.weight._value().strip()

    def validate_farmer_id(self, field: ChoiceField) -> None:
        """A weight needs its family."""
        if not field.data:
            raise ValidationError(str(_l("请选是哪一户交的。")))

    def validate_weight(self, field: JinField) -> None:
        """A delivery weighs something."""
        if field.data is not None and not 0 < field.data <= HEAVIEST_DELIVERY_G:
            raise ValidationError(str(_l("斤数要大于 0，最多 100,000 斤，请核对。")))


class PhotoRow(RowForm):
    """A stored photo, carried along by its signed key."""

    typed = ("token",)

    token = HiddenField()
    alt = TextField(_l("照片上是什么"), max_length=60)

    @property
    def photo(self) -> StoredPhoto | None:
        """The photo that the token stands for, None when the token is forged."""
        return read_photo(self.token.data or "")
