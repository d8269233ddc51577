"""A snapshot of AWS: its file, and what it says as an estate."""
