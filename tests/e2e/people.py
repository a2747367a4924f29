"""People with one job each, as the errands need them."""

from core.access import Grant
from core.database import db
from domain.roles import Role, ScopeKind
from models.alliances import AllianceMember
from tests.support.factories import (
    FOUNDED,
    Person,
    Place,
    make_certificate,
    make_person,
)


def make_member(place: Place, name: str, *, certified: bool = True) -> Person:
    """A member of the place's alliance."""
    person = make_person(name, _in_alliance(Role.MEMBER, place))
    _join(person, place)
    if certified:
        make_certificate(person)
    return person


def make_lead(place: Place, name: str) -> Person:
    """Who decides about the alliance's listings and sessions."""
    person = make_person(name, _in_alliance(Role.LEAD, place))
    _join(person, place)
    return person


def make_trainer(place: Place, name: str) -> Person:
    """Who keeps the training records of the alliance's members."""
    return make_person(name, _in_alliance(Role.TRAINER, place))


def make_accountant(place: Place, name: str) -> Person:
    """Who keeps the cooperative's books."""
    scope = (ScopeKind.COOPERATIVE, place.cooperative_id)
    return make_person(name, Grant(Role.ACCOUNTANT, *scope))


def _in_alliance(role: Role, place: Place) -> Grant:
    return Grant(role, ScopeKind.ALLIANCE, place.alliance_id)


def _join(person: Person, place: Place) -> None:
    row = AllianceMember(
        alliance_id=place.alliance_id, account_id=person.id, joined_on=FOUNDED
    )
    db.session.add(row)
