"""What policies give, against what is declared."""
