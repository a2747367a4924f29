"""Forms of the studio's session pages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from flask import request
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from blueprints.fields import (
    FULL_WIDTH,
    ChoiceField,
    DayField,
    IdField,
    ParsedField,
    RequestIdField,
    Required,
    TextField,
)
from blueprints.forms import Form
from blueprints.live.line_up import ProductsField
from core.clock import SHANGHAI
from core.database import AnyRow
from core.i18n import gettext
from core.i18n import lazy_gettext as _l
from domain.live import Platform
from services.live.planning import SessionDraft


class ClockField(ParsedField):
    """A time of day, such as 19:00 or 9：05."""

    def parse(self, text: str) -> time:
        plain = text.translate(FULL_WIDTH).replace("：", ":")
        try:
            return time.fromisoformat(plain.zfill(5))
        except ValueError:
            raise ValueError(gettext("请按 19:00 这样的格式填时间。")) from None

    def show(self, value: time) -> str:
        return value.strftime("%H:%M")


class SessionForm(Form):
    """When, where, who and what."""

    request_id = RequestIdField()
    title = TextField(_l("标题"), [Required(_l("请给这场直播起个名。"))], max_length=30)
    summary = TextField(_l("一句话介绍"), max_length=200)
    place = ChoiceField(_l("直播平台"))
    room_url = TextField(_l("直播间链接"), max_length=500)
    starts_on = DayField(_l("日期"), [Required(_l("请选开播日期。"))])
    starts_time = ClockField(_l("时间"), [Required(_l("请填开播时间。"))])
    host_id = ChoiceField(_l("主播"), coerce=str)
    product_ids = ProductsField(_l("讲哪些农货"), coerce=str)

    products: Mapping[str, AnyRow]

    def offer(
        self, hosts: Sequence[tuple[str, str]], products: Sequence[AnyRow]
    ) -> None:
        """Fill the lists one may choose from."""
        self.place.choices = [
            SelectChoice(each.value, gettext(each.label)) for each in Platform
        ]
        self.host_id.choices = [SelectChoice(*host) for host in hosts]
        self.product_ids.choices = [
            SelectChoice(str(row.id), row.name) for row in products
        ]
        self.products = {str(row.id): row for row in products}
        self.product_ids.read_turns(request.form)

    def to_draft(self) -> SessionDraft:
        """What was typed, as the service takes it."""
        starts = datetime.combine(
            self.starts_on.data, self.starts_time.data, tzinfo=SHANGHAI
        )
        return SessionDraft(
            request_id=self.request_id.data,
            title=self.title.data,
            summary=self.summary.data,
            place=Platform(self.place.data),
            room_url=self.room_url.data,
            starts_at=starts,
            host_id=int(self.host_id.data),
            product_ids=tuple(int(one) for one in self.product_ids.in_turn()),
        )


class PinForm(Form):
    """Which product to show."""

    product_id = IdField(_l("农货"), [Required()])


class CancelForm(Form):
    """Why a session is called off."""

    reason = TextField(_l("原因"), [Required(_l("请写一句原因。"))], max_length=200)
