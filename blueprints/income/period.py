"""Which days and which goods a reader asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request
from wtforms import Form as BaseForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from blueprints.fields import ChoiceField, DayField
from blueprints.forms import Form
from core.clock import today
from core.errors import DomainError
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.i18n import say
from domain.periods import FIRST_YEAR, LAST_YEAR, Period, month_of
from queries.income.scope import Choices, Place


class FilterForm(Form):
    """The filter above the report, sent as part of the address."""

    first = DayField(_l("从"), name="from")
    last = DayField(_l("到"), name="to")
    cooperative = ChoiceField(_l("合作社"), default="")
    village = ChoiceField(_l("村"), default="")
    product = ChoiceField(_l("商品"), default="")

    period: Period | None

    def __init__(self, choices: Choices) -> None:
        BaseForm.__init__(self, formdata=request.args)
        for field, places in (
            (self.cooperative, choices.cooperatives),
            (self.village, choices.villages),
            (self.product, choices.products),
        ):
            field.choices = offered(places)
            field.data = slug_of(places, field.data or "")
        self.period = self._read_period()

    @property
    def status(self) -> int:
        """422 once a date is wrong, else 200."""
        return 200 if self.period else 422

    def _read_period(self) -> Period | None:
        """The period asked for, or None with a sentence at the field."""
        usual = last_months(12)
        for field, day in ((self.first, usual.first), (self.last, usual.last)):
            if field.process_errors:
                field.errors = list(field.process_errors)
            elif field.data is None:
                field.data, field.raw_data = day, None
            elif not FIRST_YEAR <= field.data.year <= LAST_YEAR:
                field.errors = [_("这个日期不对，请核对年份。")]
        if self.first.errors or self.last.errors:
            return None
        try:
            return Period(self.first.data, self.last.data)
        except DomainError as error:
            self.last.errors = [say(error)]
            return None


@dataclass(frozen=True)
class Preset:
    """A period that is one tap away."""

    label: str
    period: Period


def presets() -> Sequence[Preset]:
    """This and last month, this and last year, and the last twelve months."""
    day = today()
    year_start = day.replace(month=1, day=1)
    last_month = month_of(day.replace(day=1) - timedelta(days=1))
    last_year = Period(date(day.year - 1, 1, 1), date(day.year - 1, 12, 31))
    return (
        Preset(_("本月"), Period(day.replace(day=1), day)),
        Preset(_("上月"), last_month),
        Preset(_("今年"), Period(year_start, day)),
        Preset(_("去年"), last_year),
        Preset(_("近 12 个月"), last_months(12)),
    )


def last_months(count: int) -> Period:
    """The months up to today, today's counted as one."""
    day = today()
    months = day.year * 12 + day.month - count
    return Period(date(months // 12, months % 12 + 1, 1), day)


def offered(places: Sequence[Place]) -> list[SelectChoice]:
    """Places to choose from, all of them first."""
    named = [SelectChoice(place.slug, place.name) for place in places]
    return [SelectChoice("", _l("全部")), *named]


def slug_of(places: Sequence[Place], wanted: str) -> str:
    """The slug of a place named by slug, id or name; anything else as it is."""
    names = {str(place.id): place.slug for place in places}
    names |= {place.name: place.slug for place in places}
    return names.get(wanted, wanted)
