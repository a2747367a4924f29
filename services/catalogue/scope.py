"""Which listings a person may touch."""

from sqlalchemy import select

from core.access import Actor
from core.database import db
from core.errors import NotFound
from domain.roles import Role, ScopeKind
from models.catalogue import Product

WRITERS = (Role.MEMBER, Role.LEAD)


def alliances_of(actor: Actor, *roles: Role) -> frozenset[int]:
    """The alliances in which the person holds one of `roles`, else of WRITERS."""
    return actor.scope_ids(ScopeKind.ALLIANCE, *(roles or WRITERS))


def lock_listing(listing_id: int, actor: Actor, *roles: Role) -> Product:
    """A listing within the person's alliances, held until the transaction ends.

    It is held FOR NO KEY UPDATE: an order's lines refer to the product while the
    order holds the boxes, and must not wait for us who wait for the boxes.
    Raises NotFound outside the scope.
    """
    product = db.session.scalar(
        select(Product)
        .where(
            Product.id == listing_id,
            Product.alliance_id.in_(alliances_of(actor, *roles)),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if product is None:
        raise NotFound()
    return product
