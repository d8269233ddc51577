"""Policies in JSON files of their own."""
