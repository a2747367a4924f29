"""The local Stripe that development and tests talk to over HTTP.

It speaks the part of Stripe's API that Tianbo calls, checked against Stripe's own
OpenAPI description, and never touches real money. See README.md in this folder.
"""
