"""The least a Flask page can cost: what pages of the shop are compared with."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """A greeting."""
    return "hello"
