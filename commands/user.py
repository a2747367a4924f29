"""`flask user`: accounts and roles, for whoever runs the house."""

import re
import secrets
import sys

import click
from flask.cli import AppGroup

from commands.cli import fail
from core.access import HOUSE, Grant
from core.database import transaction
from domain.passwords import SHORTEST_PASSWORD, WeakPassword
from domain.roles import Role, ScopeKind
from queries.accounts import current_grants, find_account_id
from queries.areas import NAMED, area_names, find_area_id
from services.accounts import passwords, sessions

ROLES = click.Choice([role.value for role in Role])
SCOPES = [
    *(f"{kind}:{column.key.upper()}" for kind, (_table, column) in NAMED.items()),
    ScopeKind.DISTRICT.value,
]
WHO_MAY_HOLD_WHAT = "\n".join(f"{role:<18}{', '.join(role.scopes)}" for role in Role)
GRANT_HELP = f"""Give ROLE within SCOPE: {", ".join(SCOPES)}.

\b
Each role, and the kinds of scope it is held in:
{WHO_MAY_HOLD_WHAT}
"""

user = AppGroup("user", help="Accounts and their roles.")


@user.command("create")
@click.argument("phone")
@click.argument("name")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password's one line from stdin."
)
def create(phone: str, name: str, password_stdin: bool) -> None:
    """Open an account; prints a random password unless one is given.

    Make sure that the phone is the person's: with this command you vouch for it.
    """
    if not re.fullmatch(r"1[3-9][0-9]{9}", phone):
        fail(f"{phone} is no mobile number: 11 digits, the first is 1")
    typed = sys.stdin.readline().rstrip() if password_stdin else ""
    if password_stdin and len(typed) < SHORTEST_PASSWORD:
        fail(f"the password needs {SHORTEST_PASSWORD} characters or more")
    password = typed or secrets.token_urlsafe(9)
    try:
        chosen = passwords.new_password(phone, password)
        with transaction():
            passwords.register(phone, name.strip(), chosen)
    except WeakPassword:
        fail("everybody would guess this password, choose another")
    except passwords.PhoneTaken:
        fail(f"{phone} has an account already")
    click.echo(f"created {phone}" if typed else f"created {phone}, password {password}")


@user.command("grant", help=GRANT_HELP)
@click.argument("phone")
@click.argument("role", type=ROLES, metavar="ROLE")
@click.argument("scope")
def grant(phone: str, role: str, scope: str) -> None:
    account_id, wanted = _account(phone), _resolve(Role(role), scope)
    try:
        with transaction():
            sessions.grant_role(HOUSE, account_id, wanted)
    except sessions.PhoneUnproven:
        fail(
            f"nobody has proven {phone} yet: its owner logs in once by a code first,"
            f" or you vouch for it with `flask user prove {phone}`"
        )
    click.echo(f"{phone} is {role} of {scope}")


@user.command("revoke")
@click.argument("phone")
@click.argument("role", type=ROLES, metavar="ROLE")
@click.argument("scope")
def revoke(phone: str, role: str, scope: str) -> None:
    """Take a role away and log the person out everywhere."""
    account_id, held = _account(phone), _resolve(Role(role), scope)
    if held not in current_grants(account_id):
        fail(f"{phone} is not {role} of {scope}")
    with transaction():
        sessions.revoke_role(account_id, held)
    click.echo(f"{phone} is no longer {role} of {scope}")


@user.command("prove")
@click.argument("phone")
def prove(phone: str) -> None:
    """Vouch that the phone is the person's; prints a new random password.

    Whoever was in the account is out, so make sure whom you tell the password.
    """
    account_id, password = _account(phone), secrets.token_urlsafe(9)
    chosen = passwords.new_password(phone, password)
    with transaction():
        sessions.prove_phone(account_id)
        passwords.set_password(account_id, chosen)
    click.echo(f"{phone} is proven, password {password}")


@user.command("disable")
@click.argument("phone")
def disable(phone: str) -> None:
    """Let nobody in with this account, and log it out everywhere."""
    account_id = _account(phone)
    with transaction():
        sessions.disable_account(account_id)
    click.echo(f"{phone} is disabled")


@user.command("enable")
@click.argument("phone")
def enable(phone: str) -> None:
    """Let a disabled account in again."""
    account_id = _account(phone)
    with transaction():
        sessions.enable_account(account_id)
    click.echo(f"{phone} may log in")


def _account(phone: str) -> int:
    account_id = find_account_id(phone)
    if account_id is None:
        fail(f"no account has the phone {phone}")
    return account_id


def _resolve(role: Role, scope: str) -> Grant:
    """The role in the scope that was typed; ends the command when it is unknown."""
    word, _colon, name = scope.partition(":")
    if word not in role.scopes:
        fail(f"{role} needs a scope of kind {' or '.join(role.scopes)}, not {scope}")
    kind = ScopeKind(word)
    scope_id = find_area_id(kind, name)
    if scope_id is None:
        known = ", ".join(area_names(kind)) or "none yet"
        fail(f"no {kind} is called {name!r}; there is: {known}")
    return Grant(role, kind, scope_id)
