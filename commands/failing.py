"""How a command says that it cannot: one clear line and exit code 1."""

from typing import NoReturn

import click


def fail(sentence: str) -> NoReturn:
    """End the command with `sentence` on standard error."""
    raise click.ClickException(sentence)
