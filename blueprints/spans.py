"""The days above a list, sent as part of the address."""

from datetime import date
from typing import Any

from flask import request
from wtforms import Form as BaseForm

from blueprints.fields import DayField
from blueprints.forms import Form
from core.errors import DomainError
from core.i18n import lazy_gettext as _l
from core.i18n import say
from domain.periods import FIRST_YEAR, LAST_YEAR, Period

EARLIEST, LATEST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 30)


class SpanForm(Form):
    """From and to; left open they leave nothing out."""

    first = DayField(_l("从"), name="from")
    last = DayField(_l("到"), name="to")

    def __init__(self) -> None:
        BaseForm.__init__(self, formdata=request.args)

    def period(self) -> Period | None:
        """The days chosen; None when both are open. An open end reaches far."""
        first, last = self.first.data, self.last.data
        if first is None and last is None:
            return None
        return Period(
            first or min(EARLIEST, last or EARLIEST),
            last or max(LATEST, first or LATEST),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Days must be days, in their order."""
        if not super().validate(extra_validators):
            return False
        try:
            self.period()
        except DomainError as error:
            self.last.errors = [say(error)]
            return False
        return True
