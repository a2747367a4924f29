"""What only one of the two databases needs."""
