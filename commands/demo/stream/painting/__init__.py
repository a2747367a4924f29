"""The demo's picture: a hillside in the wind, a basket, and a sun that counts."""

from functools import cache

from PIL import Image, ImageDraw

from commands.demo.stream.painting import growth, weather
from commands.demo.stream.painting.land import FINE, HEIGHT, WIDTH, land, sky
from commands.demo.stream.painting.weather import Loop

__all__ = ["HEIGHT", "WIDTH", "Loop", "paint"]

FARMER = (424.0, 516.0)


def paint(loop: Loop, at_s: float) -> Image.Image:
    """The picture at a second of the loop; the one at its end is the one at 0."""
    image = sky().copy()
    pen = ImageDraw.Draw(image)
    wind = growth.Wind(loop, at_s)
    weather.draw_sun(image, at_s)
    weather.draw_clouds(image, loop, at_s)
    weather.draw_birds(pen, loop, at_s)
    image.paste(_ground(), (0, 0), _ground())
    weather.draw_smoke(image, loop, at_s)
    growth.draw_crops(pen, wind)
    growth.draw_trees(image, wind)
    growth.draw_farmer(image, loop, at_s, FARMER)
    growth.draw_vines(image, wind)
    growth.draw_basket(image, loop, at_s)
    growth.draw_butterflies(pen, loop, at_s)
    return image.reduce(FINE)


@cache
def _ground() -> Image.Image:
    ground = land().copy()
    growth.draw_rows(ImageDraw.Draw(ground))
    return ground
