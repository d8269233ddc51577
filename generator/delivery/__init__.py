"""Files to disk: planned, staged, all or none."""
