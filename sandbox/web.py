"""The sandbox's Flask application: Stripe's API, hosted pages, controls."""

from flask import Flask

from sandbox.api import create_api
from sandbox.control_api import create_control_api
from sandbox.controls import Controls
from sandbox.hosted import create_hosted_pages
from sandbox.world import World


def create_sandbox_app(world: World) -> Flask:
    """A WSGI application that serves `world`."""
    app = Flask(__package__, static_url_path="/assets")
    app.register_blueprint(create_api(world))
    app.register_blueprint(create_hosted_pages(world))
    app.register_blueprint(create_control_api(Controls(world)))
    return app
