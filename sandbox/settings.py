"""What a developer may set: fees and delays."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass
class Settings:
    """Amounts in smallest units, rates in basis points, delays in seconds."""

    fee_rate_bp: int = 340
    fee_fixed: int = 235
    refund_delay_s: int = 5
    available_delay_s: int = 2 * 86_400
    payout_delay_s: int = 86_400

    def update(self, changes: dict[str, Any]) -> None:
        """Apply `changes`; ValueError on an unknown name or a bad value."""
        known = {field.name for field in dataclasses.fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}")
            if type(value) is not int or value < 0:
                raise ValueError(f"{name} must be a whole number, zero or more")
        for name, value in changes.items():
            setattr(self, name, value)
