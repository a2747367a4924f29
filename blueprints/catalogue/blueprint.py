"""The blueprint that the catalogue's routes hang on."""

from flask import Blueprint

bp = Blueprint("catalogue", __name__)
