"""`flask` commands."""

from flask import Flask


def register_commands(app: Flask) -> None:
    """Make every command known to `flask`."""
    from commands.backup import backup, restore
    from commands.demo import demo
    from commands.jobs import jobs
    from commands.ledger import ledger
    from commands.user import user
    from commands.worker import worker

    for command in (backup, demo, jobs, ledger, restore, user, worker):
        app.cli.add_command(command)
