"""The shop's product pages, and the studio in which members write listings."""

from blueprints.catalogue import cards, listings, reviews, shop
from blueprints.catalogue.blueprint import bp

__all__ = ["bp", "cards", "listings", "reviews", "shop"]
