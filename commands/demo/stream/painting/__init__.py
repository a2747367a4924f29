"""The demo's picture: a hillside in the wind, a basket, and a sun that counts."""

from functools import cache

from PIL import Image

from commands.demo.stream.painting import growth, weather
from commands.demo.stream.painting.growth import HILLS_END, HILLS_TOP
from commands.demo.stream.painting.land import FINE, HEIGHT, WIDTH, land, sky
from commands.demo.stream.painting.weather import Loop

__all__ = ["HEIGHT", "WIDTH", "Loop", "paint"]

RIDGES_TOP = 180


def paint(loop: Loop, at_s: float) -> Image.Image:
    """The picture at a second of the loop; the one at its end is the one at 0."""
    image = _backdrop().copy()
    wind = growth.Wind(loop, at_s)
    weather.draw_sun(image, at_s)
    weather.draw_clouds(image, loop, at_s)
    weather.draw_birds(image, loop, at_s)
    image.paste(_ridges(), (0, RIDGES_TOP), _ridges())
    growth.draw_crops(image, loop, at_s, wind)
    weather.draw_smoke(image, loop, at_s)
    growth.draw_trees(image, wind)
    growth.draw_vines(image, wind)
    growth.draw_basket(image, loop, at_s)
    growth.draw_butterflies(image, loop, at_s)
    return image


@cache
def _backdrop() -> Image.Image:
    """The sky, and the field in front."""
    image = sky().reduce(FINE)
    image.paste(land().reduce(FINE).crop((0, HILLS_END, WIDTH, HEIGHT)), (0, HILLS_END))
    return image


@cache
def _ridges() -> Image.Image:
    return land().reduce(FINE).crop((0, RIDGES_TOP, WIDTH, HILLS_TOP))
