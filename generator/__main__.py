"""Lets `python -m generator` do what the `forebay` command does."""

from generator.cli.main import main

main()
