"""What each role sees through each kind of scope, as a table to be reviewed.

python -m tests.support.scopes writes it anew after a table or a role came or changed.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from core.access import Actor
from core.database import Base, db, transaction
from domain.roles import Role, ScopeKind
from queries.scopes import PATHS, visible
from tests.support.databases import build_app, let_go, migrate
from tests.support.worlds import World, make_world

GOLDEN = Path(__file__).parents[1] / "queries" / "scopes.txt"
NOTHING, OWN, ALL, FOREIGN = "-", "x", "*", "!"
HEADING = """\
# What a person sees of each table who holds a role in a kind of scope.
# x what lies in that scope · * everything · - nothing
"""


def held() -> Iterator[tuple[Role, ScopeKind]]:
    """Every role with each kind of scope that it may be held in."""
    for role in Role:
        for kind in role.scopes:
            yield role, kind


def table(here: World, there: World) -> str:
    """The whole table, seen from `here`, ending in a newline."""
    names = [model.__name__ for model in PATHS]
    width = max(len(f"{role} {kind}") for role, kind in held())
    lines = [f"{'':<{width}}  {'  '.join(names)}"]
    for role, kind in held():
        actor = Actor(account_id=None, grants=(here.grant(role, kind),))
        marks = [mark(model, actor, role, here, there) for model in PATHS]
        cells = (f"{m:^{len(name)}}" for m, name in zip(marks, names, strict=True))
        lines.append(f"{f'{role} {kind}':<{width}}  {'  '.join(cells)}".rstrip())
    return HEADING + "\n".join(lines) + "\n"


def mark(model: type[Base], actor: Actor, role: str, here: World, there: World) -> str:
    """What `actor`, of `here`, sees of a table's rows through a role."""
    key = model.__mapper__.columns.id
    seen = set(db.session.scalars(select(key).where(visible(model, actor, role))))
    own, foreign = here.rows[model] in seen, there.rows[model] in seen
    if foreign:
        return ALL if own else FOREIGN
    return OWN if own else NOTHING


def main() -> None:
    """Write the table of this house."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/x.db"
        migrate(url, Path(folder))
        app = build_app(url, Path(folder))
        with app.app_context():
            with transaction():
                here, there = make_world("苗山"), make_world("雪野")
            GOLDEN.write_text(table(here, there))
        let_go(app)


if __name__ == "__main__":
    main()
