"""A room's video: in from one publisher, out as LL-HLS, kept as MP4."""
