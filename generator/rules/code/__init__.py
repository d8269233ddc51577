"""Rules about the code's own words: arguments and inputs that do not exist."""
