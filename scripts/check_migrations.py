"""Migrations: one head, they build an empty database, and it matches the models."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> int:
    """Migrate a fresh SQLite file and compare it with the models; 1 on a difference."""
    with TemporaryDirectory() as instance:
        os.environ.update(TIANBO_DEMO="1", INSTANCE_PATH=instance)
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(instance) / 'check.db'}"
        from flask_migrate import check, upgrade

        from app import create_app

        with create_app({"TESTING": True}).app_context():
            upgrade()
            check()
    return 0


if __name__ == "__main__":
    sys.exit(main())
