"""What is left to do when the past has been told."""

from datetime import timedelta

from sqlalchemy import update

from commands.demo.produce import Shelf
from core.clock import now
from core.database import db
from models.catalogue import Variant
from models.outbox import Job

RECENT = timedelta(hours=6)
STOCKS = (386, 214, 152, 130, 96, 80, 64, 48)


def settle_history() -> None:
    """Jobs that fell due long ago were done then: nobody is texted about them now."""
    db.session.execute(
        update(Job)
        .where(Job.done_at.is_(None), Job.due_at < now() - RECENT)
        .values(done_at=Job.due_at)
        .execution_options(synchronize_session=False)
    )


def stock_shelves(shelves: list[Shelf]) -> None:
    """Today's stock: plenty of most boxes, a few of the last ones."""
    boxes = [box for shelf in shelves for box in shelf.variant_ids]
    for index, variant_id in enumerate(boxes):
        stock = 6 if index % 7 == 4 else STOCKS[index % len(STOCKS)]
        db.session.execute(
            update(Variant)
            .where(Variant.id == variant_id)
            .values(stock=stock)
            .execution_options(synchronize_session=False)
        )
