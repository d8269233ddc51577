"""Asks AWS what is there, read-only: sessions, calls, threads, and reasons for what was not read."""
