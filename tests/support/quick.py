"""`-m quick`: rules, services and pages on SQLite, for the habit of every minute."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FOLDERS = ("blueprints", "core", "domain", "models", "queries", "services", "unit")
SERVERS = frozenset({"browser", "pg_server", "postgresql_url", "redis_server"})


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import nothing of the other folders when only the quick tests are wanted."""
    if config.option.markexpr != "quick" or TESTS not in collection_path.parents:
        return None
    folder = collection_path.relative_to(TESTS).parts[0]
    return folder not in (*FOLDERS, "conftest.py") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs no server and little time."""
    for item in items:
        if TESTS in item.path.parents and is_quick(item):
            item.add_marker(pytest.mark.quick)


def is_quick(item: pytest.Item) -> bool:
    """Whether a test belongs to the habit of every minute."""
    folder = item.path.relative_to(TESTS).parts[0]
    if folder not in FOLDERS:
        return False
    call = getattr(item, "callspec", None)
    words = map(str, call.params.values()) if call else ()
    if SERVERS & {*getattr(item, "fixturenames", ())}:
        return False
    return not any(word.startswith("postgresql") for word in words)
