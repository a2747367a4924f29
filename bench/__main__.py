"""`make bench [ONLY=prefix,...] [ENGINE=sqlite|postgresql]`: one figure a line."""

import argparse
import os
import sys

# Each registers its measurements.
from bench import (  # noqa: F401
    checkouts,
    events,
    flash,
    glass,
    oscar,
    pages,
    reports,
    starting,
)
from bench.measurements import ALL, ENGINES, Bench, Measurement, disk_folder


def main() -> int:
    """Run the chosen measurements; 2 when there is none of that name."""
    argparse.ArgumentParser(prog="make bench", description=__doc__).parse_args()
    engine = os.environ.get("ENGINE") or "sqlite"
    prefixes = tuple(filter(None, os.environ.get("ONLY", "").split(",")))
    chosen = [each for each in ALL if _is_wanted(each, prefixes)]
    if engine not in ENGINES or not chosen:
        names = " ".join(name for each in ALL for name in each.names)
        print(f"ENGINE is one of {ENGINES}; ONLY of {names}", file=sys.stderr)
        return 2
    for measurement in chosen:
        with disk_folder() as folder:
            for figure in measurement.run(Bench(folder, engine)):
                print(figure, flush=True)
    return 0


def _is_wanted(measurement: Measurement, prefixes: tuple[str, ...]) -> bool:
    return not prefixes or any(name.startswith(prefixes) for name in measurement.names)


if __name__ == "__main__":
    sys.exit(main())
