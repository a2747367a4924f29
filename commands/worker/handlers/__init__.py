"""One module per noun; each registers its handlers with services.jobs."""

from importlib import import_module
from pkgutil import iter_modules


def load_handlers() -> None:
    """Import every module of this folder, so that its handlers are known."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
