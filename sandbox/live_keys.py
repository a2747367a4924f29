"""The sandbox never runs beside a live key."""

from collections.abc import Mapping

_LIVE_PREFIXES = ("sk_live_", "rk_live_")


class LiveKeyPresent(RuntimeError):
    """A live Stripe key is at hand; the sandbox refuses to start."""


def refuse_live_keys(values: Mapping[str, str]) -> None:
    """Raise LiveKeyPresent, naming the place, if any value is a live key.

    values: environment variables or flags by name; the key itself is never shown.
    """
    for name, value in values.items():
        if value.strip().startswith(_LIVE_PREFIXES):
            raise LiveKeyPresent(
                f"sandbox: {name} holds a live Stripe key; the sandbox does not run "
                "beside live keys. Unset it or use a test key (sk_test_…)."
            )
