"""Forms: plain WTForms, and the one way to act on what was sent."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from wtforms import Form as BaseForm

from core.database import Base, transaction
from core.errors import DomainError, Forbidden, NotFound
from core.i18n import gettext, say

Result = TypeVar("Result")
Record = TypeVar("Record", bound=Base)


class _Words:
    """WTForms' own messages in the page's language."""

    def gettext(self, text: str) -> str:
        return gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


class Form(BaseForm):
    """A form of one page; `status` is what its page answers with."""

    refused: DomainError | None = None

    class Meta:
        """Translate through the app, not through WTForms' own catalogues."""

        locales = False

        def get_translations(self, form: BaseForm) -> Any:
            """WTForms asks here for its messages."""
            return _Words()

    def __init__(self, **kwargs: Any) -> None:
        # Files stay out: a text field cannot take one, and uploads are read from the
        # request by who keeps them.
        sent = request.form if request.method == "POST" else None
        super().__init__(formdata=sent, **kwargs)

    def validate_on_submit(self) -> bool:
        """Whether this is a POST whose fields are all right."""
        return request.method == "POST" and bool(self.validate())

    @property
    def status(self) -> int:
        """That of the rule that said no; 422 for what was typed wrongly, else 200."""
        if self.refused is not None:
            return self.refused.status
        return 422 if request.method == "POST" else 200

    def build(self, table: type[Record], **more: Any) -> Record:
        """A new record of `table`, from the fields that are called as its columns.

        more: values of other columns.
        """
        columns = table.__mapper__.columns
        typed = {name: value for name, value in self.data.items() if name in columns}
        return table(**typed, **more)

    def refuse(self, error: DomainError) -> None:
        """Show what a rule said, at the field that it names or above the form."""
        self.refused = error
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(say(error))
        else:
            field.errors = [*field.errors, say(error)]


def status_of(typed: Mapping[str, Form]) -> int:
    """The status of a page of several forms; typed: those sent and not accepted."""
    return max((form.status for form in typed.values()), default=200)


@dataclass(frozen=True)
class Done(Generic[Result]):
    """That a form's call was made, and what it answered."""

    value: Result


def attempt(
    form: Form,
    call: Callable[[], Result],
    within: Callable[[], AbstractContextManager[object]] = transaction,
) -> Done[Result] | None:
    """Make `call` in one transaction, if `form` was sent and is right.

    None when it is to be shown again: not sent yet, typed wrongly, or refused by a
    rule, whose sentence it then holds. What is not there or not allowed is no matter
    of the form: NotFound and Forbidden pass.
    within: what else to open around the call; `nullcontext` where it opens its own.
    """
    if not form.validate_on_submit():
        return None
    try:
        with within():
            return Done(call())
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        form.refuse(error)
        return None
