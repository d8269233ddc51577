"""Benchmarks: one file for each subject, run by `make bench`; they print ratios and assert nothing."""
