"""Writes: one function per use case, called inside one transaction."""
