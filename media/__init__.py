"""Live video in and out, and the events of a room: a server of its own."""
