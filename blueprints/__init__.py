"""HTTP only: each noun's routes and forms. The URL map of the app is here."""

from flask import Flask


def register_blueprints(app: Flask) -> None:
    """Mount every blueprint."""
    from blueprints import accounts, demo, home, live
    from blueprints.navigation import init_navigation

    for module in (home, accounts, live, demo):
        app.register_blueprint(module.bp)
    init_navigation(app)
