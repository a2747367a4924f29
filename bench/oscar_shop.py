"""django-oscar as its documentation sets it up, for production; run by bench/oscar.py.

It runs in an environment of its own: nothing of the house may be imported here.
`python -m bench.oscar_shop N` makes its database with N products in OSCAR_FOLDER;
`bench.oscar_shop:app` is its WSGI app, and the module its own URLs.
"""

import os
import sys
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db.backends.signals import connection_created
from django.http import HttpResponse
from django.urls import include, path
from oscar import defaults

FOLDER = Path(os.environ["OSCAR_FOLDER"])
PER_PAGE = 24
HERE = "bench.oscar_shop"
APPS = """
django.contrib.admin django.contrib.auth django.contrib.contenttypes
django.contrib.sessions django.contrib.messages django.contrib.staticfiles
django.contrib.sites django.contrib.flatpages oscar.config.Shop
oscar.apps.analytics.apps.AnalyticsConfig oscar.apps.checkout.apps.CheckoutConfig
oscar.apps.address.apps.AddressConfig oscar.apps.shipping.apps.ShippingConfig
oscar.apps.catalogue.apps.CatalogueConfig
oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig
oscar.apps.communication.apps.CommunicationConfig
oscar.apps.partner.apps.PartnerConfig oscar.apps.basket.apps.BasketConfig
oscar.apps.payment.apps.PaymentConfig oscar.apps.offer.apps.OfferConfig
oscar.apps.order.apps.OrderConfig oscar.apps.customer.apps.CustomerConfig
oscar.apps.search.apps.SearchConfig oscar.apps.voucher.apps.VoucherConfig
oscar.apps.wishlists.apps.WishlistsConfig oscar.apps.dashboard.apps.DashboardConfig
oscar.apps.dashboard.reports.apps.ReportsDashboardConfig
oscar.apps.dashboard.users.apps.UsersDashboardConfig
oscar.apps.dashboard.orders.apps.OrdersDashboardConfig
oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig
oscar.apps.dashboard.offers.apps.OffersDashboardConfig
oscar.apps.dashboard.partners.apps.PartnersDashboardConfig
oscar.apps.dashboard.pages.apps.PagesDashboardConfig
oscar.apps.dashboard.ranges.apps.RangesDashboardConfig
oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig
oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig
oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig
oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig
widget_tweaks haystack treebeard sorl.thumbnail django_tables2
"""
MIDDLEWARE = """
django.middleware.security.SecurityMiddleware
django.contrib.sessions.middleware.SessionMiddleware
django.middleware.common.CommonMiddleware django.middleware.csrf.CsrfViewMiddleware
django.contrib.auth.middleware.AuthenticationMiddleware
django.contrib.messages.middleware.MessageMiddleware
django.middleware.clickjacking.XFrameOptionsMiddleware
oscar.apps.basket.middleware.BasketMiddleware
django.contrib.flatpages.middleware.FlatpageFallbackMiddleware
"""
CONTEXT = """
django.template.context_processors.request django.contrib.auth.context_processors.auth
django.template.context_processors.i18n
django.contrib.messages.context_processors.messages
oscar.apps.search.context_processors.search_form
oscar.apps.checkout.context_processors.checkout oscar.core.context_processors.metadata
oscar.apps.communication.notifications.context_processors.notifications
"""
SETTINGS: dict[str, Any] = {
    "OSCAR_PRODUCTS_PER_PAGE": PER_PAGE,
    "DEBUG": False,
    "SECRET_KEY": "measured-only",
    "ALLOWED_HOSTS": ["*"],
    "SITE_ID": 1,
    "ROOT_URLCONF": HERE,
    "INSTALLED_APPS": APPS.split(),
    "MIDDLEWARE": MIDDLEWARE.split(),
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": CONTEXT.split()},
        }
    ],
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "oscar.db",
            "CONN_MAX_AGE": None,
            "OPTIONS": {"timeout": 30},
        }
    },
    "HAYSTACK_CONNECTIONS": {
        "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
    },
    "AUTHENTICATION_BACKENDS": (
        "oscar.apps.customer.auth_backends.EmailBackend",
        "django.contrib.auth.backends.ModelBackend",
    ),
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "STATIC_URL": "/static/",
    "MEDIA_URL": "/media/",
    "MEDIA_ROOT": str(FOLDER / "media"),
    "USE_TZ": True,
    "LANGUAGES": [("zh-hans", "中文"), ("en", "English")],
}


def configure() -> None:
    """Settings of a shop in production, with Oscar's defaults."""
    own = {name: getattr(defaults, name) for name in dir(defaults) if name.isupper()}
    settings.configure(**own | SETTINGS)
    django.setup()
    connection_created.connect(_keep_a_write_ahead_log)
    if os.environ.get("OSCAR_COUNTS") == "no":
        _stop_counting()


def _keep_a_write_ahead_log(connection: Any, **_event: object) -> None:
    """As this house does; in Django 3.2 there is no setting for it."""
    connection.cursor().execute("PRAGMA journal_mode=WAL")


def _stop_counting() -> None:
    """Oscar writes a line for each product that is looked at."""
    from oscar.apps.analytics import receivers
    from oscar.apps.catalogue.signals import product_viewed

    product_viewed.disconnect(receivers.receive_product_view)


def fill(products: int) -> None:
    """Products with a price and stock, in one category and without a photo."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    model = apps.get_model
    shelf = model("catalogue.Category").add_root(name="Potatoes")
    kind = model("catalogue.ProductClass").objects.create(name="Produce")
    seller = model("partner.Partner").objects.create(name="Village")
    numbers = range(1, products + 1)
    model("catalogue.Product").objects.bulk_create(
        model("catalogue.Product")(
            id=number,
            title=f"Sweet potato {number}",
            slug=f"sweet-potato-{number}",
            upc=str(number),
            product_class=kind,
            description="From sandy soil.\nSteam it for twenty minutes.",
        )
        for number in numbers
    )
    model("catalogue.ProductCategory").objects.bulk_create(
        model("catalogue.ProductCategory")(product_id=number, category=shelf)
        for number in numbers
    )
    model("partner.StockRecord").objects.bulk_create(
        model("partner.StockRecord")(
            product_id=number,
            partner=seller,
            partner_sku=str(number),
            price="29.90",
            num_in_stock=1_000,
        )
        for number in numbers
    )


if not settings.configured:
    configure()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - after the settings

urlpatterns = [
    path("up", lambda _request: HttpResponse("up")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
app = get_wsgi_application()

if __name__ == "__main__":
    fill(int(sys.argv[1]))
