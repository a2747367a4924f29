"""HTTP only: each noun's routes and forms. The URL map of the app is here."""

from flask import Flask


def register_blueprints(app: Flask) -> None:
    """Mount every blueprint."""
    from blueprints import (
        accounts,
        catalogue,
        demo,
        home,
        income,
        live,
        orders,
        payments,
        training,
    )
    from blueprints.buyers import init_buyers
    from blueprints.navigation import init_navigation

    for module in (
        home,
        accounts,
        catalogue,
        live,
        orders,
        payments,
        income,
        training,
        demo,
    ):
        app.register_blueprint(module.bp)
    init_buyers(app)
    init_navigation(app)
