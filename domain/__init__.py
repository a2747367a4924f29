"""Pure rules: no Flask, no SQLAlchemy, no I/O, no clock."""
