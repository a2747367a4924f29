"""Files of many rows: made by asking the list's own view, as who wants the file."""

import time
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException

from core.access import SignedIn, act_as, policy_of
from core.config import current_settings
from core.database import forget_reads, transaction
from core.errors import Forbidden, NotFound
from core.i18n import LANGUAGE_COOKIE
from domain.exports import NOT_ALLOWED, FileTooLarge
from integrations.exports.pdf_process import TooLargeToPrint
from models.exports import Export
from queries.accounts import find_account_actor
from services import exports
from services.exports import MAKING, Making
from services.jobs import handles

TELL_EVERY_S = 0.5


@handles("make_export", is_slow=True)
def make_export(payload: dict[str, Any]) -> None:
    """Make the file that somebody asked for; payload: code."""
    with transaction():
        export = exports.begin(payload["code"])
    if export is None:
        return
    person = find_account_actor(export.account_id)
    forget_reads()
    if person is None:
        _give_up(export, NOT_ALLOWED)
        return
    with TemporaryFile() as file:
        making = Making(file, _telling(export.id))
        try:
            _ask(export, person, making)
            _keep(export, person, making)
        except (Forbidden, NotFound, HTTPException):
            _give_up(export, NOT_ALLOWED)
        except (TooLargeToPrint, FileTooLarge) as error:
            _give_up(export, error.message)


def _ask(export: Export, person: SignedIn, making: Making) -> None:
    """Have the list's view write the file, with the policy and scope of now.

    In a context of its own, since it acts as somebody. Raises what the view raises.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    cookie = f"{LANGUAGE_COOKIE}={export.language}"
    with (
        app.app_context(),
        app.test_request_context(
            export.address,
            base_url=current_settings().public_url,
            headers={"Cookie": cookie},
            environ_overrides={MAKING: making},
        ),
    ):
        act_as(person)
        if app.preprocess_request() is None:
            app.dispatch_request()


def _keep(export: Export, person: SignedIn, making: Making) -> None:
    if not making.name:
        raise NotFound()
    policy = policy_of(current_app.view_functions[export.endpoint])
    roles = policy.roles if policy else ()
    with transaction():
        exports.keep(
            export.id,
            making.file,
            name=f"{making.name}.{export.kind}",
            grants=[one for one in person.grants if one.role in roles],
        )


def _give_up(export: Export, why: str) -> None:
    with transaction():
        exports.give_up(export.id, why)


def _telling(export_id: int) -> Callable[[int, int], None]:
    """Notes the progress now and then, beside the snapshot that the view reads."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    told_at = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        if done < total and time.monotonic() < told_at + TELL_EVERY_S:
            return
        told_at = time.monotonic()
        with app.app_context(), transaction():
            exports.tell_progress(export_id, done, total)

    return tell
