"""What templates call, and lists cut into pages."""
