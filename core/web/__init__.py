"""What stands around every request: guards, headers, errors."""
