"""The state file: what survives a restart, written whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from sandbox.account import Account
from sandbox.resources.checkout import page_url
from sandbox.runtime import Appointment
from sandbox.world import World

_FORMAT = 1


class StateFile:
    """Saves a world to `path` whenever it has changed since the last time."""

    def __init__(self, world: World, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._world = world
        self._path = path
        self._saved_changes = 0

    def load(self) -> None:
        """Fill the world from the file; a missing file is an empty world.

        ValueError when the file is not one of ours.
        """
        if not self._path.exists():
            return
        try:
            _restore(self._world, json.loads(self._path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{self._path} is not a sandbox state file") from error

    def save_if_changed(self) -> None:
        """Replace the file in one step, readable by its owner only."""
        with self._world.lock:
            changes = self._world.changes
            if changes == self._saved_changes:
                return
            text = json.dumps(_dump(self._world), ensure_ascii=False)
        draft = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(self._path)
        self._saved_changes = changes


def _dump(world: World) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "clock_offset_s": world.clock.offset_s,
        "settings": vars(world.settings),
        "agenda": [vars(appointment) for appointment in world.agenda],
        "accounts": [_dump_account(account) for account in world.accounts.values()],
        "undelivered": [
            [delivery.account_key, delivery.event["id"], delivery.endpoint["id"]]
            for delivery in world.deliveries.undelivered()
        ],
    }


def _dump_account(account: Account) -> dict[str, Any]:
    """Endpoints given by flags stay out: the next start brings its own."""
    endpoints = account.objects["webhook_endpoint"]
    lasting = {k: v for k, v in endpoints.items() if k not in account.flag_endpoints}
    hidden = account.hidden.items()
    return {
        "key": account.key,
        "name": account.name,
        "objects": account.objects | {"webhook_endpoint": lasting},
        "hidden": {k: v for k, v in hidden if k not in account.flag_endpoints},
        "idempotency": account.idempotency.dump(),
    }


def _restore(world: World, saved: dict[str, Any]) -> None:
    if saved["format"] != _FORMAT:
        raise KeyError("format")
    world.clock.offset_s = saved["clock_offset_s"]
    world.settings.update(saved["settings"])
    world.agenda = [Appointment(**appointment) for appointment in saved["agenda"]]
    for dumped in saved["accounts"]:
        _restore_account(world, dumped)
    for key, event_id, endpoint_id in saved["undelivered"]:
        account = world.account(key)
        account.deliver(account.objects["event"][event_id], endpoint_id)


def _restore_account(world: World, dumped: dict[str, Any]) -> None:
    account = world.account(dumped["key"])
    account.name = world.names.get(account.key, dumped["name"])
    for kind, objects in dumped["objects"].items():
        account.objects[kind].update(objects)
    account.hidden.update(dumped["hidden"])
    account.idempotency.load(dumped["idempotency"])
    # The port may have changed since: open pages move along.
    for session in account.objects["checkout.session"].values():
        if session["status"] == "open":
            session["url"] = page_url(account, session["id"])
