"""Rules about the policies in code, which need no topology."""
