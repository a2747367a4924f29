"""The listing form: what its fields say alone, together, and to the services."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import request
from wtforms import BooleanField, FormField, MultipleFileField, StringField
from wtforms.validators import ValidationError

from blueprints.catalogue.photos import Uploads
from blueprints.catalogue.rows import BoxRow, DeliveryRow, PhotoRow, RowList
from blueprints.fields import (
    ChoiceField,
    DayField,
    IdField,
    IntField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from core.clock import today
from core.errors import DomainError
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.pages.filters import yuan
from domain.categories import Category
from domain.money import per_jin_fen
from queries.catalogue.batches import Batch
from queries.catalogue.listings import ListingChoices
from queries.catalogue.products import ProductView
from services.catalogue.drafts import BatchDraft, BoxDraft, ListingDraft
from services.catalogue.errors import ListingEdited, StockMoved

MOST_BOXES = 6
MOST_DELIVERIES = 20
MOST_PHOTOS = 8
FIRST_DELIVERIES = 2
SAVE, SUBMIT = "save", "submit"


class ListingForm(Form):
    """A whole listing. `offer` must be called before anything else.

    act: the button that was pressed; all but SAVE and SUBMIT only change the form.
    """

    act = StringField(default=SAVE)
    request_id = RequestIdField()
    version = IntField(default=1)
    name = TextField(
        _l("商品名"),
        [Required(_l("请填商品名，例如“苗山大姜 带泥鲜挖”。"))],
        max_length=30,
    )
    category = ChoiceField(_l("类目"), [Required(_l("请选类目。"))])
    story = TextField(_l("介绍"), max_length=3000)
    village_id = ChoiceField(_l("产地"), [Required(_l("请选是哪个村的。"))])
    cooperative_id = ChoiceField(_l("合作社"), [Required(_l("请选由哪个合作社卖。"))])
    boxes = RowList(
        FormField(BoxRow), _l("规格"), min_entries=1, max_entries=MOST_BOXES
    )
    confirm_price = BooleanField(_l("价格没写错，就卖这么多"))
    batch_id = IdField()
    harvested_on = DayField(_l("采收日期"))
    plot = TextField(_l("地块"), max_length=60)
    deliveries = RowList(
        FormField(DeliveryRow),
        _l("交货"),
        min_entries=FIRST_DELIVERIES,
        max_entries=MOST_DELIVERIES,
    )
    photos = RowList(
        FormField(PhotoRow), _l("照片"), max_entries=MOST_PHOTOS, name="kept"
    )
    files = MultipleFileField(
        _l("加照片"),
        name="photos",
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )

    asks_price = False
    choices: ListingChoices

    @property
    def status(self) -> int:
        """A form that a button changed is shown again with nothing wrong in it."""
        return super().status if self.errors else 200

    @property
    def is_for_review(self) -> bool:
        """Whether the lead is to see it at once."""
        return bool(self.act.data == SUBMIT)

    def offer(self, choices: ListingChoices) -> None:
        """Say what may be chosen."""
        self.choices = choices
        self.category.choices = [
            ("", _("请选")),
            *((shelf.value, _(shelf.label)) for shelf in Category),
        ]
        self.village_id.choices = _pairs(choices.villages)
        self.cooperative_id.choices = _pairs(choices.cooperatives)
        if len(choices.cooperatives) == 1:
            self.cooperative_id.data = str(choices.cooperatives[0].id)
        self._offer_families()
        self.photos.keep_only(lambda row: row.photo.data is not None)

    def take_uploads(self, uploads: Uploads) -> None:
        """Put stored photos into the form, as far as there is room."""
        known = {row.photo.data.key for row in self.photos}
        for photo in uploads.photos:
            if photo.key in known:
                continue
            if len(self.photos) >= MOST_PHOTOS:
                uploads.problems.append(
                    _("最多放 %(most)s 张照片，多的没有存。", most=MOST_PHOTOS)
                )
                break
            self.photos.append_entry({"photo": photo})
            known.add(photo.key)
        self.files.process_errors = self.files.errors = uploads.problems

    def validate_on_submit(self) -> bool:
        """Whether it is to be saved and all right."""
        if request.method == "POST" and self.act.data not in (SAVE, SUBMIT):
            act, _colon, number = str(self.act.data).partition(":")
            self._reshape(act, number)
            return False
        return super().validate_on_submit()

    def refuse(self, error: DomainError) -> None:
        """What changed meanwhile is carried along: sent again, it is overwritten."""
        super().refuse(error)
        if isinstance(error, ListingEdited):
            self.version.raw_data = [str(error.params["version"])]
        if isinstance(error, StockMoved):
            self._show_moved_stock(error)

    def validate_story(self, field: TextField) -> None:
        """The lead approves nothing that says nothing."""
        if self.is_for_review and not field.data and not field.errors:
            raise ValidationError(_("送审前要写几句介绍：好在哪、怎么吃、怎么存。"))

    def validate_boxes(self, rows: RowList) -> None:
        """At least one box, and none that costs next to nothing by mistake."""
        boxes, first = rows.filled, rows[0].form.name
        for box in boxes:
            if box.is_too_cheap and not self.confirm_price.data:
                self.asks_price = True
                _say(box.price_fen, _too_cheap_words(box))
        if not boxes:
            _say(first, _("至少要写一个规格。"))
        if self.is_for_review and not any(box.on_sale.data for box in boxes):
            _say(first, _("至少要有一个规格打上“在卖”的勾。"))
        rows.gather_errors()

    def validate_harvested_on(self, field: DayField) -> None:
        """A harvest has its day."""
        is_told = self.plot.data or self.deliveries.filled
        if is_told and not field.data and not field.errors:
            raise ValidationError(_("写了地块或交货，就要填哪天采收的。"))
        if field.data and field.data > today():
            raise ValidationError(_("这一天还没到，请填已经采收的日期。"))

    def validate_deliveries(self, rows: RowList) -> None:
        """Each family once, and from where the goods come."""
        origin = (self.village_id.data, self.cooperative_id.data)
        neighbours = {
            str(family.id)
            for family in self.choices.farmers
            if origin == (str(family.village_id), str(family.cooperative_id))
        }
        seen: set[str] = set()
        for row in rows.filled:
            farmer_id = row.farmer_id.data
            if farmer_id in seen:
                _say(row.farmer_id, _("这一户上面写过了，请合成一行。"))
            elif farmer_id and farmer_id not in neighbours:
                _say(row.farmer_id, _("这一户不在所选的村或合作社，请重新选。"))
            seen.add(farmer_id)
        rows.gather_errors()

    def to_draft(self) -> ListingDraft:
        """The listing as it was written."""
        return ListingDraft(
            name=self.name.data,
            category=Category(self.category.data),
            story="\n".join(self.story.data.splitlines()),
            village_id=int(self.village_id.data),
            cooperative_id=int(self.cooperative_id.data),
            boxes=tuple(BoxDraft(**box.data) for box in self.boxes.filled),
            batch=self._batch_draft() if self.harvested_on.data else None,
            photos=tuple(
                replace(row.photo.data, alt=row.alt.data or "") for row in self.photos
            ),
        )

    def _batch_draft(self) -> BatchDraft:
        rows = self.deliveries.filled
        return BatchDraft(
            id=self.batch_id.data,
            harvested_on=self.harvested_on.data,
            plot=self.plot.data,
            deliveries={int(row.farmer_id.data): row.weight_g.data for row in rows},
        )

    def _reshape(self, act: str, number: str) -> None:
        """Add a row, remove a photo or make it the cover, as a button asked."""
        at = {str(index): index for index in range(len(self.photos))}
        if act == "add_box" and len(self.boxes) < MOST_BOXES:
            self.boxes.append_entry({"on_sale": True})
        elif act == "add_delivery" and len(self.deliveries) < MOST_DELIVERIES:
            self.deliveries.append_entry()
            self._offer_families()
        elif act == "drop" and number in at:
            self.photos.take_out(at[number])
        elif act == "cover" and number in at:
            self.photos.put_first(at[number])

    def _offer_families(self) -> None:
        families = [("", _("选农户"))]
        families += [
            (str(row.id), f"{row.name} · {row.village}") for row in self.choices.farmers
        ]
        for row in self.deliveries:
            row.form.farmer_id.choices = families

    def _show_moved_stock(self, error: StockMoved) -> None:
        """Say at each box what was sold meanwhile, and carry the new number along."""
        boxes = self.boxes.filled
        for moved in error.moved:
            box = boxes[moved.row]
            box.stock.errors = [_moved_words(moved.shown, moved.now)]
            box.stock_was.raw_data = [str(moved.now)]
        self.boxes.gather_errors()


def filled_with(listing: ProductView, batch: Batch | None) -> dict[str, Any]:
    """The values of ListingForm for a listing; without a batch it starts a new one."""
    values = vars(listing) | {
        "boxes": [vars(box) | {"stock_was": box.stock} for box in listing.boxes],
        "photos": [{"photo": photo, "alt": photo.alt} for photo in listing.photos],
    }
    return values | vars(batch) | {"batch_id": batch.id} if batch else values


def _pairs(rows: Sequence[Any]) -> list[tuple[str, str]]:
    pairs = [(str(row.id), row.name) for row in rows]
    return pairs if len(pairs) == 1 else [("", _("请选")), *pairs]


def _say(field: Any, text: str) -> None:
    field.errors = [*field.errors, text]


def _too_cheap_words(box: BoxRow) -> str:
    cost = per_jin_fen(box.price_fen.data, box.weight_g.data)
    return _(
        "合每斤 %(cost)s，太便宜了，是不是少写了一位？没写错就在下面打勾。",
        cost=yuan(cost),
    )


def _moved_words(shown: int, now: int) -> str:
    if now < shown:
        return _(
            "您填的时候卖出了 %(sold)s 箱，现在是 %(now)s 箱。请按现在的数再填一次。",
            sold=shown - now,
            now=now,
        )
    return _("库存刚刚变成 %(now)s 箱，请按现在的数再填一次。", now=now)
