"""Rows of the listing form: boxes, deliveries and photos."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from wtforms import BooleanField, FieldList
from wtforms import Form as BaseForm
from wtforms.validators import ValidationError

from blueprints.catalogue.photos import PhotoField
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
from domain.catalogue import is_suspiciously_cheap
from domain.pricing import MAX_PRICE_FEN

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

    @property
    def filled(self) -> list[Any]:
        """The forms of the rows in which something is written."""
        return [row.form for row in self.entries if not row.form.is_blank]

    def take_out(self, index: int) -> Any:
        """Remove a row and answer it; those behind it move up."""
        row = self.entries.pop(index)
        self._compact_indices()  # type: ignore[attr-defined] # newer than the stubs
        return row

    def put_first(self, index: int) -> None:
        """Make a row the first one."""
        self.entries.insert(0, self.take_out(index))
        self._compact_indices()  # type: ignore[attr-defined] # as above

    def keep_only(self, is_wanted: Callable[[Any], bool]) -> None:
        """Remove the rows whose form is not wanted."""
        for index in reversed(range(len(self.entries))):
            if not is_wanted(self.entries[index].form):
                self.take_out(index)

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

    typed = ("name", "weight_g", "price_fen", "stock")

    id = IdField()
    name = TextField(
        _l("规格名"), [Filled(_l("请给这个规格起个名，例如“5 斤装”。"))], max_length=20
    )
    weight_g = JinField(
        _l("净重"), [Filled(_l("请填净重，按净重算每斤多少钱。"))], name="weight"
    )
    price_fen = MoneyField(_l("售价"), [Filled(_l("请填一箱卖多少钱。"))], name="price")
    stock = IntField(
        _l("库存"), [Filled(_l("请填有多少箱能卖，没有就填 0。"))], maximum=MOST_STOCK
    )
    stock_was = IntField(maximum=MOST_STOCK)
    on_sale = BooleanField(_l("在卖"), default=True)

    @property
    def is_too_cheap(self) -> bool:
        """Whether price and weight are right by themselves, and not together."""
        if self.price_fen.errors or self.weight_g.errors:
            return False
        return is_suspiciously_cheap(self.price_fen.data, self.weight_g.data)

    def validate_weight_g(self, field: JinField) -> None:
        """A box has a weight that a parcel can have."""
        if field.data is not None and not 0 < field.data <= HEAVIEST_BOX_G:
            raise ValidationError(str(_l("净重要大于 0，最多 1,000 斤，请核对。")))

    def validate_price_fen(self, field: MoneyField) -> None:
        """A box costs something, and not more than one order may."""
        if field.data is not None and not 0 < field.data <= MAX_PRICE_FEN:
            raise ValidationError(str(_l("售价要大于 0，最多 100,000 元，请核对。")))


class DeliveryRow(RowForm):
    """What one family delivered; the empty choice of a family does not count."""

    typed = ("farmer_id", "weight_g")

    farmer_id = ChoiceField(_l("农户"), choices=[])
    weight_g = JinField(_l("交货"), [Filled(_l("请填这户交了多少斤。"))], name="weight")

    @property
    def is_blank(self) -> bool:
        """Whether neither family nor weight is given."""
        return not self.farmer_id.data and not self.weight_g._value().strip()

    def validate_farmer_id(self, field: ChoiceField) -> None:
        """A weight needs its family."""
        if not field.data:
            raise ValidationError(str(_l("请选是哪一户交的。")))

    def validate_weight_g(self, field: JinField) -> None:
        """A delivery weighs something."""
        if field.data is not None and not 0 < field.data <= HEAVIEST_DELIVERY_G:
            raise ValidationError(str(_l("斤数要大于 0，最多 100,000 斤，请核对。")))


class PhotoRow(RowForm):
    """A stored photo and what is to be seen on it."""

    typed = ("photo",)

    photo = PhotoField(name="token")
    alt = TextField(_l("照片上是什么"), max_length=60)
