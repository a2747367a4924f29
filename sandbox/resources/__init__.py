"""What each kind of Stripe object does, one module per kind."""
