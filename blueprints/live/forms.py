"""Forms of live sessions: planned, run, and talked in."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from flask import request
from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation

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
from core.clock import SHANGHAI, local_day
from core.database import AnyRow
from core.i18n import gettext
from core.i18n import lazy_gettext as _l
from domain.live import Platform
from domain.training import NotCertified
from services.live.planning import SessionDraft

TURN = "turn_"
"""Before the id of a product: the field for its place in the line-up."""
LAST = 100


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


class ProductsField(SelectMultipleField):
    """Products ticked for the line-up, each with the place that was typed for it.

    turns: what was typed by product, or the places that a saved line-up has.
    """

    turns: Mapping[str, str]

    def read_turns(self, typed: Mapping[str, str]) -> None:
        """Take the places from a form that was sent, else from the saved line-up."""
        saved = enumerate(self.data or (), start=1)
        self.turns = {product: str(turn) for turn, product in saved}
        if typed:
            self.turns = {
                name.removeprefix(TURN): text.strip()
                for name, text in typed.items()
                if name.startswith(TURN)
            }

    def pre_validate(self, form: Any) -> None:
        known = {value for value, *_rest in self.iter_choices()}
        if not self.data or not set(self.data) <= known:
            raise StopValidation(str(_l("至少选一件已经上架的农货。")))
        if any(self.turn_of(product) is None for product in self.data):
            raise StopValidation(str(_l("顺序请填 1 到 99 的数字，不填的排在后面。")))

    def in_turn(self) -> list[str]:
        """The ticked products by their places; those without one come last."""
        return sorted(self.data or (), key=lambda product: self.turn_of(product) or 0)

    def turn_of(self, product: str) -> int | None:
        """The place of a product, LAST when none was typed, None for no number."""
        typed = self.turns.get(product, "").translate(FULL_WIDTH)
        if not typed:
            return LAST
        return int(typed) if re.fullmatch(r"0?[1-9]|[1-9][0-9]", typed) else None


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

    @property
    def status(self) -> int:
        """A host without a certificate is chosen wrongly here, and refused on air."""
        return 422 if isinstance(self.refused, NotCertified) else super().status

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


def typed(session: AnyRow, product_ids: Sequence[int]) -> dict[str, Any]:
    """What somebody would have typed into a SessionForm to plan this session."""
    return {
        "title": session.title,
        "summary": session.summary,
        "place": session.place,
        "room_url": session.room_url,
        "starts_on": local_day(session.starts_at),
        "starts_time": session.starts_at.astimezone(SHANGHAI).time(),
        "host_id": str(session.host_id),
        "product_ids": [str(one) for one in product_ids],
    }


class PinForm(Form):
    """Which product to show."""

    product_id = IdField(_l("农货"), [Required()])


class CancelForm(Form):
    """Why a session is called off."""

    reason = TextField(_l("原因"), [Required(_l("请写一句原因。"))], max_length=200)


class ChatForm(Form):
    """A line of talk. What is wrong with it is for the rules of talk to say."""

    text = ParsedField(_l("想说的话"))
    name = ParsedField(_l("怎么称呼您"))
