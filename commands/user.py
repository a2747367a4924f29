"""`flask user`: accounts and roles, for whoever runs the house."""

import re
import secrets
import sys

import click
from flask.cli import AppGroup

from commands.failing import fail
from core.access import Grant, Role, ScopeKind
from core.database import transaction
from domain.passwords import SHORTEST_PASSWORD, WeakPassword
from queries.scopes import find_account_id, find_scope_id, scope_names
from services.accounts import passwords, roles, sessions

SCOPES = {
    Role.MEMBER: {ScopeKind.ALLIANCE},
    Role.LEAD: {ScopeKind.ALLIANCE},
    Role.ACCOUNTANT: {ScopeKind.COOPERATIVE},
    Role.CHAIR: {ScopeKind.COOPERATIVE},
    Role.FARMER: {ScopeKind.COOPERATIVE},
    Role.SECRETARY: {ScopeKind.VILLAGE},
    Role.TRAINER: {ScopeKind.ALLIANCE, ScopeKind.TOWN, ScopeKind.DISTRICT},
    Role.TOWN_OFFICER: {ScopeKind.TOWN},
    Role.DISTRICT_OFFICER: {ScopeKind.DISTRICT},
    Role.AUDITOR: set(ScopeKind),
}
ROLES = click.Choice([role.value for role in Role])

user = AppGroup("user", help="Accounts and their roles.")


@user.command("create")
@click.argument("phone")
@click.argument("name")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password's one line from stdin."
)
def create(phone: str, name: str, password_stdin: bool) -> None:
    """Open an account; prints a random password unless one is given."""
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


@user.command("grant")
@click.argument("phone")
@click.argument("role", type=ROLES)
@click.argument("scope")
def grant(phone: str, role: str, scope: str) -> None:
    """Give a role within SCOPE.

    SCOPE: alliance:SLUG, cooperative:SLUG, village:SLUG, town:NAME or district.
    """
    account_id, kind, scope_id = _resolve(phone, Role(role), scope)
    with transaction():
        roles.grant_role(account_id, Role(role), kind, scope_id)
    click.echo(f"{phone} is {role} of {scope}")


@user.command("revoke")
@click.argument("phone")
@click.argument("role", type=ROLES)
@click.argument("scope")
def revoke(phone: str, role: str, scope: str) -> None:
    """Take a role away and log the person out everywhere."""
    account_id, kind, scope_id = _resolve(phone, Role(role), scope)
    held = Grant(Role(role), kind, scope_id)
    if held not in roles.current_grants(account_id):
        fail(f"{phone} is not {role} of {scope}")
    with transaction():
        roles.revoke_role(account_id, Role(role), kind, scope_id)
    click.echo(f"{phone} is no longer {role} of {scope}")


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


def _resolve(phone: str, role: Role, scope: str) -> tuple[int, ScopeKind, int]:
    """Account id, scope kind and scope id; ends the command when one is unknown."""
    account_id = _account(phone)
    word, _colon, name = scope.partition(":")
    kinds = sorted(SCOPES[role])
    if word not in kinds:
        fail(f"{role} needs a scope of kind {' or '.join(kinds)}, not {scope}")
    kind = ScopeKind(word)
    scope_id = find_scope_id(kind, name)
    if scope_id is None:
        known = ", ".join(scope_names(kind)) or "none yet"
        fail(f"no {kind} is called {name!r}; there is: {known}")
    return account_id, kind, scope_id
