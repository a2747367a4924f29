"""Payments: opened, applied, refunded; each step may be repeated."""
