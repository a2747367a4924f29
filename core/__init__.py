"""What every other folder stands on: settings, database, clock, access, errors."""
