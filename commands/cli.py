"""Which `flask` commands there are, and how one says that it cannot."""

from importlib import import_module
from typing import NoReturn

from click import ClickException, Command, Context
from flask import Flask
from flask.cli import AppGroup

MODULES = {
    "backup": "commands.backup.cli",
    "db": "flask_migrate.cli",
    "demo": "commands.demo",
    "jobs": "commands.operations",
    "ledger": "commands.operations",
    "restore": "commands.backup.cli",
    "rollups": "commands.rollups",
    "user": "commands.user",
    "worker": "commands.worker.cli",
}
"""Where each command stands, under its own name."""


class HouseCommands(AppGroup):
    """Loads a command when it is asked for: a web process never asks."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The names of all commands."""
        return sorted({*MODULES, *super().list_commands(ctx)})

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of that name, None when there is none."""
        if cmd_name not in MODULES:
            return super().get_command(ctx, cmd_name)
        command: Command = getattr(import_module(MODULES[cmd_name]), cmd_name)
        return command


def register_commands(app: Flask) -> None:
    """Make every command known to `flask`."""
    app.cli = HouseCommands(app.cli.name)


def fail(sentence: str) -> NoReturn:
    """End the command with `sentence` on standard error, and exit code 1."""
    raise ClickException(sentence)
