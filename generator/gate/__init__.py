"""Run the rules and take out what was accepted."""
