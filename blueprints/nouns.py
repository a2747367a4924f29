"""One blueprint for each noun; its views are in the folder of the same name."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from flask import Blueprint, Flask

accounts = Blueprint("accounts", __name__, url_prefix="/account")
catalogue = Blueprint("catalogue", __name__)
demo = Blueprint("demo", __name__, url_prefix="/demo")
desk = Blueprint("desk", __name__)
exports = Blueprint("exports", __name__, url_prefix="/exports")
home = Blueprint("home", __name__)
income = Blueprint("income", __name__, url_prefix="/coop/income")
live = Blueprint("live", __name__)
orders = Blueprint("orders", __name__)
payments = Blueprint("payments", __name__, url_prefix="/payments")
register = Blueprint("register", __name__, url_prefix="/register")
training = Blueprint("training", __name__, url_prefix="/training")

NOUNS = (
    *(accounts, catalogue, demo, exports, home, income, live, orders, payments),
    *(desk, register, training),
)


def register_blueprints(app: Flask) -> None:
    """Mount every noun with all its views: each file of its folder is read."""
    for module in walk_packages([str(Path(__file__).parent)], "blueprints."):
        import_module(module.name)
    for noun in NOUNS:
        app.register_blueprint(noun)
