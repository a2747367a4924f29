"""The application: settings in, a WSGI app out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

import models  # noqa: F401 - registers every table
from core.access import check_every_endpoint, init_access
from core.config import Settings, load_settings
from core.database import db, engine_options, init_migrations, prepare_engine
from core.engines.versions import DataVersion
from core.i18n import babel, page_language
from core.logs import configure_logs, init_request_log
from core.pages.bundles import init_bundles
from core.pages.compiled import init_compiled
from core.pages.drawings import init_drawings
from core.pages.filters import init_filters
from core.pages.globals import init_page_context, init_template_calls
from core.pages.pictures import init_pictures
from core.web.csrf import init_csrf
from core.web.error_pages import init_error_pages
from core.web.page_cache import init_page_cache
from core.web.requests import init_bodies, init_converters, init_proxies
from core.web.security import init_security


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build the app from the environment, with `config` (same names) on top."""
    settings = load_settings(config)
    app = Flask("tianbo", root_path=str(settings_root()))
    configure_logs()
    _configure(app, settings)
    _connect(app)
    _speak(app)
    _register(app)
    _guard(app, settings)
    return app


def settings_root() -> str:
    """The folder that holds templates/ and static/."""
    return str(Path(__file__).resolve().parent)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TIANBO=settings,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        SESSION_COOKIE_NAME="tianbo",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        BABEL_DEFAULT_LOCALE="zh",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        PROPAGATE_EXCEPTIONS=False,
    )


def _connect(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    init_migrations(app)


def _speak(app: Flask) -> None:
    from jinja2 import StrictUndefined

    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    babel.init_app(
        app,
        default_translation_directories="translations",
        locale_selector=page_language,
    )
    init_filters(app)
    init_template_calls(app)
    init_page_context(app)
    init_pictures(app)
    init_bundles(app)
    init_drawings(app)


def _register(app: Flask) -> None:
    from blueprints.buyers import init_buyers
    from blueprints.navigation import init_navigation
    from blueprints.nouns import register_blueprints
    from commands.cli import register_commands

    init_converters(app)
    register_blueprints(app)
    init_buyers(app)
    init_navigation(app)
    register_commands(app)


def _guard(app: Flask, settings: Settings) -> None:
    from queries.accounts import find_session_actor

    init_proxies(app, settings.proxies)
    init_request_log(app)
    init_bodies(app)
    init_csrf(app)
    init_access(app, find_session_actor)
    init_error_pages(app)
    init_security(
        app,
        payment_hosts=_payment_hosts(settings),
        secure=settings.secure_cookies,
        media_url=settings.media_url,
    )
    check_every_endpoint(app)
    if not settings.testing:
        _keep_pages(app)
        init_compiled(app, settings.instance / "templates")


def _keep_pages(app: Flask) -> None:
    from blueprints.buyers import COOKIE
    from blueprints.orders.forms import CheckoutForm
    from blueprints.orders.late import init_late_buyers

    own_cookies = (app.config["SESSION_COOKIE_NAME"], COOKIE)
    with app.app_context():
        version = app.extensions["data_version"] = DataVersion(db.engine)
        late = init_late_buyers(app, db.engine, CheckoutForm.names())
    app.extensions["late_buyers"] = late
    init_page_cache(app, version, own_cookies)


def _payment_hosts(settings: Settings) -> tuple[str, ...]:
    own = (settings.stripe_api_base,) if settings.stripe_api_base else ()
    return ("https://checkout.stripe.com", *own)


def __getattr__(name: str) -> Flask:
    """`app:app` for WSGI servers, built when it is first asked for."""
    if name == "app":
        globals()["app"] = create_app()
        return globals()["app"]  # type: ignore[no-any-return]
    raise AttributeError(name)
