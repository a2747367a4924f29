"""The listing form and the small forms around it."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, FormField, MultipleFileField

from blueprints.catalogue.checks import check_batch, check_boxes, check_finished
from blueprints.catalogue.photos import Uploads, sign_photo
from blueprints.catalogue.rows import BoxRow, DeliveryRow, PhotoRow, RowList
from blueprints.catalogue.words import category_name
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
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from domain.categories import Category
from queries.catalogue.listings import Choices
from services.catalogue.drafts import (
    BatchDraft,
    BoxDraft,
    DeliveryDraft,
    ListingDraft,
    PhotoDraft,
)
from services.catalogue.errors import StockMoved

MOST_BOXES = 6
MOST_DELIVERIES = 20
MOST_PHOTOS = 8
FIRST_DELIVERIES = 2


class ListingForm(Form):
    """A whole listing. `offer` must be called before anything else."""

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
    kept = RowList(FormField(PhotoRow), _l("照片"), max_entries=MOST_PHOTOS)
    photos = MultipleFileField(
        _l("加照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"}
    )

    uploads = Uploads()
    asks_price = False
    choices: Choices

    def offer(self, choices: Choices) -> None:
        """Say what may be chosen."""
        self.choices = choices
        self.category.choices = [
            ("", _("请选")),
            *((shelf.value, category_name(shelf)) for shelf in Category),
        ]
        self.village_id.choices = _pairs(choices.villages)
        self.cooperative_id.choices = _pairs(choices.cooperatives)
        if len(choices.cooperatives) == 1:
            self.cooperative_id.data = str(choices.cooperatives[0].id)
        self._offer_families()
        self.kept.keep_only(lambda row: row.photo is not None)

    def take_uploads(self, uploads: Uploads) -> None:
        """Put stored photos into the form, as far as there is room."""
        self.uploads = uploads
        known = {row.token.data for row in self.kept}
        for photo in uploads.photos:
            token = sign_photo(photo.key, photo.width, photo.height)
            if token in known:
                continue
            if len(self.kept) >= MOST_PHOTOS:
                uploads.problems.append(
                    _("最多放 %(most)s 张照片，多的没有存。", most=MOST_PHOTOS)
                )
                break
            self.kept.append_entry({"token": token})
            known.add(token)
        self.photos.errors = list(uploads.problems)

    def reshape(self, act: str) -> None:
        """Add a row, drop a photo or make it the cover, as a button asked."""
        verb, _colon, number = act.partition(":")
        if verb == "add_box" and len(self.boxes) < MOST_BOXES:
            self.boxes.append_entry({"on_sale": True})
        elif verb == "add_delivery" and len(self.deliveries) < MOST_DELIVERIES:
            self.deliveries.append_entry()
            self._offer_families()
        elif verb in ("drop", "cover"):
            self._move_photo(verb, number)

    def validate(
        self, extra_validators: Any = None, *, for_review: bool = False
    ) -> bool:
        """Check every field, then what they say together."""
        is_right = bool(super().validate(extra_validators))
        self.photos.errors = list(self.uploads.problems)
        check_boxes(self)
        check_batch(self)
        if for_review:
            check_finished(self)
        for rows in (self.boxes, self.deliveries):
            rows.gather_errors()
        return is_right and not self.errors

    def show_moved_stock(self, error: StockMoved) -> None:
        """Say at each box what was sold meanwhile, and carry the new number along."""
        filled = self.filled_boxes()
        for moved in error.moved:
            box = filled[moved.row]
            box.stock.errors = [_moved_words(moved.shown, moved.now)]
            box.stock_was.raw_data = [str(moved.now)]
        self.boxes.gather_errors()

    def to_draft(self) -> ListingDraft:
        """The listing as it was written."""
        return ListingDraft(
            name=self.name.data,
            category=Category(self.category.data),
            story="\n".join(self.story.data.splitlines()),
            village_id=int(self.village_id.data),
            cooperative_id=int(self.cooperative_id.data),
            boxes=tuple(_box_draft(row) for row in self.filled_boxes()),
            batch=self._batch_draft(),
            photos=self._photo_drafts(),
        )

    def filled_boxes(self) -> list[BoxRow]:
        """The boxes in which something is written."""
        return [row.form for row in self.boxes if not row.form.is_blank]

    def filled_deliveries(self) -> list[DeliveryRow]:
        """The deliveries in which something is written."""
        return [row.form for row in self.deliveries if not row.form.is_blank]

    def _offer_families(self) -> None:
        families = [("", _("选农户"))]
        families += [
            (str(row.id), f"{row.name} · {row.village}") for row in self.choices.farmers
        ]
        for row in self.deliveries:
            row.form.farmer_id.choices = families

    def _move_photo(self, verb: str, number: str) -> None:
        places = {str(place): place for place in range(len(self.kept))}
        if number in places:
            self.kept.move(places[number], to_front=verb == "cover")

    def _batch_draft(self) -> BatchDraft | None:
        if not self.harvested_on.data:
            return None
        deliveries = tuple(
            DeliveryDraft(int(row.farmer_id.data), row.weight.data)
            for row in self.filled_deliveries()
        )
        return BatchDraft(
            self.batch_id.data, self.harvested_on.data, self.plot.data, deliveries
        )

    def _photo_drafts(self) -> tuple[PhotoDraft, ...]:
        rows = [row.form for row in self.kept]
        return tuple(
            PhotoDraft(**vars(row.photo), alt=row.alt.data or "")
            for row in rows
            if row.photo is not None
        )


class ReturnForm(Form):
    """Send a listing back."""

    reason = TextField(
        _l("退回原因"),
        [Required(_l("请写一句退回的原因，让成员知道怎么改。"))],
        max_length=300,
    )


class ApproveForm(Form):
    """Approve the version that was read."""

    version = IntField(default=0)


def _pairs(rows: Sequence[Any]) -> list[tuple[str, str]]:
    pairs = [(str(row.id), row.name) for row in rows]
    return pairs if len(pairs) == 1 else [("", _("请选")), *pairs]


def _box_draft(row: BoxRow) -> BoxDraft:
    return BoxDraft(
        id=row.id.data,
        name=row.name.data,
        weight_g=row.weight.data,
        price_fen=row.price.data,
        stock=row.stock.data,
        stock_was=row.stock_was.data,
        on_sale=row.on_sale.data,
    )


def _moved_words(shown: int, now: int) -> str:
    if now < shown:
        return str(
            _(
                "您填的时候卖出了 %(sold)s 箱，现在是 %(now)s 箱。"
                "请按现在的数再填一次。",
                sold=shown - now,
                now=now,
            )
        )
    return str(_("库存刚刚变成 %(now)s 箱，请按现在的数再填一次。", now=now))
