"""The filter above a list, sent as part of the address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from flask import request
from wtforms import Field
from wtforms import Form as BaseForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from blueprints.fields import ChoiceField, DayField, TextField
from blueprints.forms import Form
from core.errors import DomainError
from core.i18n import gettext as _
from core.i18n import lazy_gettext as _l
from core.i18n import say
from domain.periods import FIRST_YEAR, LAST_YEAR, Period

EARLIEST, LATEST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)


class OneOf(ChoiceField):
    """One of a few, each with the Chinese words for it; left open it is all of them."""

    def __init__(self, label: Any, words: Mapping[Any, str], **kwargs: Any) -> None:
        super().__init__(
            label, choices=lambda: every(_named(words)), default="", **kwargs
        )
        self.keys = list(words)

    @property
    def chosen(self) -> Sequence[Any]:
        """The one that was chosen; none for all of them."""
        return [key for key in self.keys if key == self.data]


class Tabs(OneOf):
    """One of a few, as links above the list."""


class Filter(Form):
    """From and to, and what a room adds; what is left open leaves nothing out.

    period: the days that were chosen; None for all there are.
    """

    first = DayField(_l("从"), name="from")
    last = DayField(_l("到"), name="to")

    period: Period | None = None

    def __init__(self) -> None:
        BaseForm.__init__(self, formdata=request.args)

    @property
    def usual(self) -> Period | None:
        """The days where none are typed; None for all there are."""
        return None

    @property
    def named(self) -> Sequence[str]:
        """What of the choices stands in the names of files."""
        return ()

    @cached_property
    def is_right(self) -> bool:
        """Whether everything can be read."""
        if usual := self.usual:
            _fill_in(self.first, usual.first)
            _fill_in(self.last, usual.last)
        return bool(self.validate()) and self._read_period()

    @property
    def status(self) -> int:
        """422 when something cannot be read."""
        return 200 if self.is_right else 422

    @property
    def tabs(self) -> Sequence[Tabs]:
        """The fields that are links above the list."""
        return [field for field in self if isinstance(field, Tabs)]

    @property
    def asked(self) -> Sequence[Field]:
        """The fields to fill in, a search first; a choice of one is none."""
        fields = [field for field in self if _is_open(field)]
        return sorted(fields, key=lambda field: not isinstance(field, TextField))

    def scope(self) -> Mapping[str, Any]:
        """What was chosen beside the days, for programs."""
        return {field.name: self.told(field) or None for field in self._more()}

    def facts(self) -> Sequence[tuple[str, str]]:
        """What was chosen beside the days, as names and values."""
        return [
            (str(field.label.text), _words(field, self.told(field)))
            for field in self._more()
        ]

    def query(self, period: Period | None = None, **changes: Any) -> dict[str, Any]:
        """The filter as arguments of an address, with other days or more changed."""
        known = {field.name: field.data or None for field in self}
        days = {"from": period.first, "to": period.last} if period else {}
        return known | days | changes

    def told(self, field: Field) -> str:
        """What was typed, as it may leave the house."""
        return field.data or ""

    def _more(self) -> Sequence[Field]:
        return [field for field in self if not isinstance(field, DayField)]

    def _read_period(self) -> bool:
        first, last = self.first.data, self.last.data
        for field in (self.first, self.last):
            if field.data and not EARLIEST <= field.data <= LATEST:
                field.errors = [_("这个日期不对，请核对年份。")]
                return False
        try:
            self.period = Period(first or EARLIEST, last or LATEST)
        except DomainError as error:
            self.last.errors = [say(error)]
            return False
        if not first and not last:
            self.period = None
        return True


def every(named: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """All of them first, then each by its value and name."""
    return [SelectChoice("", _("全部")), *(SelectChoice(*one) for one in named)]


def _named(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), _(name)) for key, name in words.items()]


def _is_open(field: Field) -> bool:
    """Whether there is something to fill in, or more to choose than the only one."""
    if not isinstance(field, ChoiceField):
        return True
    return not isinstance(field, Tabs) and len(list(field.iter_choices())) > 2


def _fill_in(field: DayField, day: date) -> None:
    if field.data is None and not field.process_errors:
        field.data, field.raw_data = day, None


def _words(field: Field, told: str) -> str:
    """The words of a choice, or what was typed."""
    names = {one.value: one.label for one in getattr(field, "choices", ())}
    return str(names.get(told, told) or _("全部"))
