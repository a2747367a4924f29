"""Repeatable measurements with a figure as output: `make bench`."""
