"""`make check`: every rule that needs no service, side by side, in seconds."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (sys.executable, "-m")
STEPS = {
    "types": (*PYTHON, "mypy", "."),
    "migrations": (*PYTHON, "scripts.check_migrations"),
    "lint": (*PYTHON, "ruff", "check", "--quiet", "."),
    "format": (*PYTHON, "ruff", "format", "--check", "--quiet", "."),
    "imports": (str(Path(sys.executable).parent / "lint-imports"),),
    "house rules": (*PYTHON, "scripts.check_house"),
    "words": (*PYTHON, "scripts.check_words"),
    "templates": (*PYTHON, "scripts.check_templates"),
    "markup": (*PYTHON, "djlint", "--lint", "--quiet", "templates"),
    "translations": (*PYTHON, "scripts.translations", "check"),
}


def main() -> int:
    """Run all steps; 1 when any has found something."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(_run, STEPS))
    broken = [
        name for name, is_clean in zip(STEPS, results, strict=True) if not is_clean
    ]
    print(f"Broken: {', '.join(broken)}" if broken else "All is in order.")
    return 1 if broken else 0


def _run(name: str) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        STEPS[name],
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    is_clean = done.returncode == 0
    mark = "ok    " if is_clean else "BROKEN"
    report = f"{mark} {name} ({time.monotonic() - began:.1f} s)\n"
    print(report if is_clean else report + done.stdout, end="", flush=True)
    return is_clean


if __name__ == "__main__":
    sys.exit(main())
